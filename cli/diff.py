"""`taxo diff`."""

from typing import TYPE_CHECKING, Annotated

import typer

from .options import FromOption, IsAOption, JsonOption, NamesOption, hierarchy

if TYPE_CHECKING:
    from collections.abc import Callable

    from taxo.taxonomy import Taxonomy
    from taxo.taxonomy.editing.changes import Diff
    from taxo.taxonomy.effects import Effect

_HIER = "Built-in name, file, directory tree, or - for standard input."


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(diff)


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help=f"The earlier hierarchy. {_HIER}")],
    b: Annotated[str, typer.Argument(metavar="B", help="The later one.")],
    json: JsonOption = False,
    effect: Annotated[
        bool, typer.Option("--effect", help="How the similarities of the classes change, and which most.")
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="Every node and every name, not the first 20 lines of a kind.")
    ] = False,
    labels: Annotated[bool, typer.Option("--labels", help="Write labels beside names.")] = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """What differs between two hierarchies: added, removed, moved, renamed, merged, split.

    \b
      taxo diff cub-flat cub-deep --effect
      taxo diff old.txt new.txt --all
      taxo diff old.txt new.txt --json > changes.json      taxo apply replays it

    A node that has another name but the same classes below, the same class number or the like is renamed.
    The first character of a line tells the kind: ~ renamed, = merged, / split, > moved, + added, - removed,
    * an attribute. Nodes that only have another level above them stand in the line of that level.
    Exits with 0 if nothing differs and with 1 if something does.
    """
    from taxo.taxonomy.editing.diff import diff as difference
    from taxo.taxonomy.editing.diff_text import diff_lines

    from .printing import print_json

    if a == b == "-":
        raise typer.BadParameter("only one of the two can come from standard input", param_hint="B")
    before, after = (hierarchy(text, from_, is_a, names) for text in (a, b))
    changes = difference(before, after)
    changed = _effect(before, after, changes) if effect else None
    if json:
        print_json(changes.to_json() | {"effect": changed.to_json() if changed else None})
    else:
        label = _labels(before, after) if labels else str
        for line in diff_lines(changes, all=all_, label=label):
            print(line)
        if changed:
            print("", *changed.lines(label), sep="\n")
    raise typer.Exit(0 if changes.same else 1)


def _labels(before: "Taxonomy", after: "Taxonomy") -> "Callable[[str], str]":
    """Writes a name with its label, where it has one; that of the later hierarchy counts."""
    label = {name: label for t in (before, after) for name, label in zip(t.names, t.labels, strict=True)}
    return lambda name: name if label[name] == name else f"{name} ({label[name]})"


def _effect(before: "Taxonomy", after: "Taxonomy", changes: "Diff") -> "Effect":
    """The effect on similarities; renamed classes are known by their later names."""
    from dataclasses import replace

    from taxo.taxonomy.effects import effect

    later = {entry.old: entry.new for entry in changes.renamed}
    return effect(replace(before, names=tuple(later.get(name, name) for name in before.names)), after)
