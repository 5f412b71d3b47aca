"""`taxo edit add`, `remove`, `move`, `rename`: the verbs that concern one node."""

from typing import TYPE_CHECKING, Annotated

import typer

from .edit_options import (
    DryRunOption,
    EmptiedOption,
    InPlaceOption,
    JsonChangesOption,
    LabelOption,
    LossyOption,
    OutputOption,
    RankOption,
    RenumberOption,
    ToOption,
    as_emptied,
    carry_out,
)
from .options import FromOption, HierArgument, IsAOption

if TYPE_CHECKING:
    from taxo.taxonomy import Taxonomy

BeforeOption = Annotated[str | None, typer.Option(metavar="SIBLING", help="Stands before this one, not last.")]
AfterOption = Annotated[str | None, typer.Option(metavar="SIBLING", help="Stands after this one, not last.")]


def add(
    hier: HierArgument,
    node: Annotated[str, typer.Argument(metavar="NODE", help="Name of the new leaf.")],
    parent: Annotated[
        list[str] | None, typer.Option("--parent", "-p", metavar="P", help="What it stands below; may be repeated.")
    ] = None,
    root: Annotated[bool, typer.Option("--root", help="Makes it a root instead.")] = False,
    rank: RankOption = "",
    label: LabelOption = "",
    synonym: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Another name; may be repeated.")] = None,
    class_number: Annotated[int | None, typer.Option(metavar="N", help="Makes it a class with this number.")] = None,
    length: Annotated[float | None, typer.Option(metavar="X", help="Length of the branch above it.")] = None,
    before: BeforeOption = None,
    after: AfterOption = None,
    output: OutputOption = None,
    in_place: InPlaceOption = False,
    dry_run: DryRunOption = False,
    json: JsonChangesOption = False,
    to: ToOption = None,
    lossy: LossyOption = False,
    renumber: RenumberOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
) -> None:
    """Add a leaf. Where the classes are the leaves, it is a class, with the next free number.

    \b
      taxo edit add my-tree.txt "Larus fuscus" --parent Larus --rank species -i
      taxo edit add cub-deep "Larus fuscus" -p Larus -o my-tree.txt
    """
    from taxo.taxonomy.editing import edits

    if bool(parent) == root:
        raise typer.BadParameter("say where the node stands: --parent P, or --root", param_hint="--parent")

    def change(taxonomy: "Taxonomy") -> "Taxonomy":
        return edits.add(
            taxonomy,
            node,
            parent=parent or (),
            rank=rank,
            label=label,
            synonyms=synonym or (),
            class_number=class_number,
            length=float("nan") if length is None else length,
            before=before,
            after=after,
        )

    carry_out(
        change, hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip


def remove(
    hier: HierArgument,
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node that goes.")],
    keep_children: Annotated[
        bool, typer.Option("--keep-children", help="Its children move up into its place; else all below it goes.")
    ] = False,
    emptied: EmptiedOption = "leaf",
    output: OutputOption = None,
    in_place: InPlaceOption = False,
    dry_run: DryRunOption = False,
    json: JsonChangesOption = False,
    to: ToOption = None,
    lossy: LossyOption = False,
    renumber: RenumberOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
) -> None:
    """Take a node out, with all that is below it and nowhere else, or without.

    \b
      taxo edit remove cub-deep Larus -n
      taxo edit remove my-tree.txt Larinae --keep-children -i
    """
    from taxo.taxonomy.editing import edits

    carry_out(
        lambda taxonomy: edits.remove(taxonomy, node, keep_children=keep_children, emptied=as_emptied(emptied)),
        hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip


def move(
    hier: HierArgument,
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node, with all that is below it.")],
    new_parent: Annotated[
        str | None, typer.Argument(metavar="NEW_PARENT", help="What it stands below from now on.", show_default=False)
    ] = None,
    root: Annotated[bool, typer.Option("--root", help="Makes it a root instead.")] = False,
    instead_of: Annotated[
        list[str] | None,
        typer.Option(metavar="P", help="The parent that it leaves, of several; may be repeated. By default all."),
    ] = None,
    keep_parents: Annotated[
        bool, typer.Option("--keep-parents", help="It stays below its parents, too: the hierarchy becomes a DAG.")
    ] = False,
    before: BeforeOption = None,
    after: AfterOption = None,
    emptied: EmptiedOption = "leaf",
    output: OutputOption = None,
    in_place: InPlaceOption = False,
    dry_run: DryRunOption = False,
    json: JsonChangesOption = False,
    to: ToOption = None,
    lossy: LossyOption = False,
    renumber: RenumberOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
) -> None:
    """Put a node below another one, or elsewhere among its siblings.

    \b
      taxo edit move cub-deep Rissa Sterninae -n
      taxo edit move my-tree.txt Rissa Larinae --before Larus -i
      taxo edit move edges.txt pet owned --keep-parents --to pairs
    """
    from taxo.taxonomy.editing import edits

    if (new_parent is None) != root:
        raise typer.BadParameter("say where the node goes: a new parent, or --root", param_hint="NEW_PARENT")
    if keep_parents and instead_of:
        raise typer.BadParameter("says which parents go, and --keep-parents that none does", param_hint="--instead-of")
    leaves = [] if keep_parents else instead_of or None

    carry_out(
        lambda taxonomy: edits.move(
            taxonomy, node, new_parent, instead_of=leaves, before=before, after=after, emptied=as_emptied(emptied)
        ),
        hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip


def rename(
    hier: HierArgument,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The node.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")],
    keep_old: Annotated[bool, typer.Option("--keep-old", help="The old name becomes a synonym.")] = False,
    output: OutputOption = None,
    in_place: InPlaceOption = False,
    dry_run: DryRunOption = False,
    json: JsonChangesOption = False,
    to: ToOption = None,
    lossy: LossyOption = False,
    renumber: RenumberOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
) -> None:
    """Call a node otherwise. Its place, label, class and class number stay.

    \b
      taxo edit rename my-tree.txt Larus Gulls -i
      taxo edit rename my-tree.txt "Larus heermanni" "Larus heermannii" --keep-old -i
    """
    from taxo.taxonomy.editing import edits

    carry_out(
        lambda taxonomy: edits.rename(taxonomy, old, new, keep_old=keep_old),
        hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip
