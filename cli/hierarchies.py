"""`taxo list`, `taxo info`, `taxo show`."""

from typing import Annotated

import typer

from .options import FromOption, HierArgument, IsAOption, JsonOption, NamesOption, hierarchy


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("list")(list_)
    app.command()(info)
    app.command()(show)


def list_(json: JsonOption = False) -> None:
    """The built-in hierarchies.

    \b
      taxo list
      taxo list --json
    """
    from taxo.hierarchies import describe, names

    from .printing import print_json, print_table

    found = [describe(name) for name in names()]
    if json:
        print_json(found)
    else:
        columns = ("name", "classes", "nodes", "height", "licence", "title")
        print_table(columns, ([entry[c] for c in columns] for entry in found))


def info(
    hier: HierArgument,
    json: JsonOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Kind, size and shape of a hierarchy.

    \b
      taxo info cub-deep
      taxo info my-classes.txt --json
    """
    from taxo.taxonomy.summary import branching, summary

    from .printing import print_fields, print_json

    taxonomy = hierarchy(hier, from_, is_a, names)
    facts = summary(taxonomy)
    if json:
        print_json(facts)
        return
    low, mean, high = branching(taxonomy)
    print_fields(
        {
            "name": facts["name"],
            "kind": facts["kind"],
            "nodes": facts["nodes"],
            "classes": facts["classes"],
            "height": facts["height"],
            "roots": facts["roots"],
            "several parents": f"{facts['multi_parent']} nodes",
            "single child": f"{facts['single_child']} nodes",
            "leaves by depth": ", ".join(f"{n} at {d}" for d, n in facts["leaf_depths"].items()),
            "children": f"{low} to {high} per inner node, {mean:.1f} in the mean",
            "fingerprint": facts["fingerprint"],
            **{key: taxonomy.meta[key] for key in ("title", "source", "licence", "citation") if key in taxonomy.meta},
        }
    )


def show(
    hier: HierArgument,
    node: Annotated[str | None, typer.Argument(help="Where to begin; all roots by default.")] = None,
    depth: Annotated[int | None, typer.Option(min=0, help="Levels to draw; all by default.")] = None,
    labels: Annotated[bool, typer.Option("--labels", help="Write labels beside names.")] = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Draw the tree in the terminal.

    \b
      taxo show cub-deep --depth 2
      taxo show cub-deep Laridae --labels
      taxo show path/to/class/folders
    """
    from taxo.taxonomy import draw

    for line in draw(hierarchy(hier, from_, is_a, names), node, depth=depth, labels=labels):
        print(line)
