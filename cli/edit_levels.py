"""`taxo edit merge`, `split`, `insert-level`, `collapse`, `prune`: the verbs that concern several nodes."""

from pathlib import Path
from typing import Annotated

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


def merge(
    hier: HierArgument,
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node that goes.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The node that stays.")],
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
    """Let one node take in another: children and synonyms go over, and the name becomes a synonym.

    \b
      taxo edit merge my-tree.txt Chroicocephalus Larus -i

    The node that stays keeps its place, its class and its class number.
    """
    from taxo.taxonomy.editing import edits

    carry_out(
        lambda taxonomy: edits.merge(taxonomy, node, into, emptied=as_emptied(emptied)),
        hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip


def split(
    hier: HierArgument,
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node that is split.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Name of the new node beside it.")],
    children: Annotated[list[str], typer.Argument(metavar="CHILD...", help="Children that go over, not all of them.")],
    rank: Annotated[str | None, typer.Option(metavar="RANK", help="That of the old node by default.")] = None,
    label: LabelOption = "",
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
    """Let some children of a node go to a new node right behind it.

    \b
      taxo edit split cub-deep Larus Leucophaeus "Larus delawarensis" -n
    """
    from taxo.taxonomy.editing import edits

    carry_out(
        lambda taxonomy: edits.split(taxonomy, node, new, children, rank=rank, label=label),
        hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip


def insert_level(
    hier: HierArgument,
    parent: Annotated[str, typer.Argument(metavar="PARENT", help="The node above.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new node.")],
    children: Annotated[list[str], typer.Argument(metavar="CHILD...", help="Children of PARENT that go below it.")],
    rank: RankOption = "",
    label: LabelOption = "",
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
    """Put a new node between a node and some of its children.

    \b
      taxo edit insert-level cub-deep Sterninae Sternini Sterna Sternula --rank tribe -n
    """
    from taxo.taxonomy.editing import edits

    carry_out(
        lambda taxonomy: edits.insert_level(taxonomy, parent, name, children, rank=rank, label=label),
        hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip


def collapse(
    hier: HierArgument,
    node: Annotated[
        str | None,
        typer.Argument(metavar="[NODE]", help="An inner node; by default all with a single child, roots aside."),
    ] = None,
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
    """Take an inner node out, or all with a single child; the children move up into its place.

    \b
      taxo edit collapse cub-deep -o my-tree.txt
      taxo edit collapse cub-deep Larinae -n

    Heights change, and with them similarities: taxo diff --effect tells which.
    """
    from taxo.taxonomy.editing import edits

    carry_out(
        lambda taxonomy: edits.collapse(taxonomy, node),
        hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip


def prune(
    hier: HierArgument,
    classes_file: Annotated[Path, typer.Argument(metavar="CLASSES_FILE", help="Names, or `number name`, one a line.")],
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
    """Keep the classes of a list and what is above them. They keep their order and numbers.

    \b
      taxo edit prune cub-deep my-classes.txt -o my-tree.txt
      taxo edit prune my-tree.txt my-classes.txt --renumber -i
    """
    from taxo.taxonomy.editing import edits
    from taxo.taxonomy.formats.classlist import select_classes

    carry_out(
        lambda taxonomy: edits.prune(taxonomy, select_classes(taxonomy, classes_file).classes),
        hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip
