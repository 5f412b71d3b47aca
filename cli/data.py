"""`taxo data list`, `taxo data check`, `taxo data prepare`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import JsonOption
from .requirements import require_torch

if TYPE_CHECKING:
    from taxo.training.data.findings import DataReport
    from taxo.training.data.registry import DataSet

_SHOWN = 10

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A data set; `taxo data list` lists them.")]
DirArgument = Annotated[
    str, typer.Argument(metavar="DIR", help="Folder or file of the data set; by default where `taxo data list` says.")
]
SplitOption = Annotated[str, typer.Option(metavar="FILE", help="folder: lines `path<TAB>train|val|test`.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    data = typer.Typer(
        cls=app.info.cls,
        no_args_is_help=True,
        rich_markup_mode=None,
        help="""The data sets for training: what is there, whether it is complete and clean; decode it once.

    \b
      taxo data list                             all data sets, and where they were found
      taxo data check cub --hierarchy cub-deep   missing, broken and duplicated images, counts, classes
      taxo data prepare cub --image-size 448     decode now, so that training starts at once
    """,
    )
    data.command("list")(list_)
    data.command()(check)
    data.command()(prepare)
    app.add_typer(data, name="data")


def list_(
    data_dir: Annotated[
        str, typer.Option(metavar="DIR", help="Where to look; default: TAXO_DATA, else the user's cache folder.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """All data sets: classes and items as in the paper, and whether they are there.

    \b
      taxo data list
      taxo data list --data-dir /data --json

    The numbers are those of Table 1 of Barz & Denzler (2020); `-` where a set is not in it. Under "found" stands the
    place, "no", or `-` where a set has no place of its own and is named when it is used. --json prints an array of
    name, title, kind, classes, train, test, found (true, false or null) and path.
    """
    require_torch()
    from taxo.training.data.registry import DATASETS

    from .printing import print_json, print_table

    found = [_described(entry, data_dir) for entry in DATASETS.values()]
    if json:
        print_json(found)
        return
    columns = ("name", "kind", "classes", "train", "test", "title", "found")
    rows = ({**entry, "found": entry["path"] or ("no" if entry["found"] is False else None)} for entry in found)
    print_table(columns, ([_dash(row[column]) for column in columns] for row in rows))


def _described(entry: "DataSet", data_dir: str) -> dict[str, Any]:
    """An entry of `taxo data list --json`."""
    from taxo.taxonomy import TaxoError

    try:
        path = entry.find(data_dir)
        found = None if path is None else True
    except TaxoError:
        path, found = None, False
    facts = entry.facts
    return {
        "name": entry.name,
        "title": entry.title,
        "kind": entry.kind,
        "classes": facts.classes if facts else None,
        "train": facts.train if facts else None,
        "test": facts.test if facts else None,
        "found": found,
        "path": None if path is None else str(path),
    }


def _dash(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else str(value)


def check(
    name: NameArgument,
    dir_: DirArgument = "",
    hierarchy: Annotated[
        str | None, typer.Option(metavar="HIER", help="Hierarchy whose classes should be those of the data.")
    ] = None,
    per_class: Annotated[
        int | None, typer.Option(min=1, help="Training items that every class should have [2].")
    ] = None,
    split: SplitOption = "",
    all_: Annotated[bool, typer.Option("--all", help="Show everything, not the first ten of each kind.")] = False,
    json: JsonOption = False,
) -> None:
    """What is missing, broken, empty or duplicated in a data set, which classes are short, and whether it is complete.

    \b
      taxo data check cub --hierarchy cub-deep
      taxo data check folder photos --per-class 20
      taxo data check ag-news ag_news_csv --json

    Every file is decoded, by as many threads as there are processors. Duplicates are exact: the same pixels, or the
    same text. The exit code is 0 where nothing is wrong, 1 where there is an error or a warning, 2 where the data set
    is not there or its lists are broken. Other numbers than the paper's are worth an info only. --json prints name,
    kind, classes, train, val, test, paper and findings; docs/data-sets.md explains each code.
    """
    require_torch()
    from taxo.hierarchies import resolve
    from taxo.taxonomy import TaxoError
    from taxo.training.data import DataConfig
    from taxo.training.data.check import check as look

    from .counting import counting
    from .printing import print_json

    if name == "synthetic" and not hierarchy:
        raise TaxoError("data set 'synthetic' draws the classes of a hierarchy: name one with --hierarchy")
    taxonomy = resolve(hierarchy) if hierarchy else None
    with counting("looking") as report:
        config = DataConfig(dataset=name, data=dir_, split=split)
        found = look(config, taxonomy, per_class=per_class or 0, report=report)
    if json:
        print_json(found.to_dict())
    else:
        _print(found, everything=all_)
    if not found.is_clean:
        raise typer.Exit(1)


def _print(report: "DataReport", *, everything: bool) -> None:
    """The numbers, the findings, and a summary."""
    from collections import Counter

    from .printing import print_fields

    fields: dict[str, object] = {}
    for what, count in report.counts.items():
        if count is not None:
            paper = (report.paper or {}).get(what)
            fields[what] = f"{count:,}" + (f" of {paper:,}" if paper is not None else "")
    print_fields(fields)
    for finding in report.findings:
        print(f"{finding.severity}: {finding.message} [{finding.code}]")
        shown = finding.items if everything else finding.items[:_SHOWN]
        for row in shown:
            print(f"    {'  '.join(row)}")
        if len(shown) < len(finding.items):
            print(f"    and {len(finding.items) - len(shown)} more; --all shows them")
    counts = Counter(finding.severity for finding in report.findings)
    words = {"error": "errors", "warn": "warnings", "info": "remarks"}
    listed = ", ".join(f"{counts[s]} {w if counts[s] != 1 else w[:-1]}" for s, w in words.items() if counts[s])
    print(f"{report.name}: {listed or 'nothing to complain of'}")


def prepare(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A data set; none with --clear means all.")] = "",
    dir_: DirArgument = "",
    image_size: Annotated[int, typer.Option(help="Side of the square that the network sees, in pixels.")] = 32,
    resize: Annotated[
        int | None, typer.Option(help="Short side of the decoded images [8/7 of it; up to 64 pixels, as it].")
    ] = None,
    channels: Annotated[int, typer.Option(help="3, or 1 for grey images.")] = 3,
    split: SplitOption = "",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out images that cannot be read.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Remove decoded images instead.")] = False,
    json: JsonOption = False,
) -> None:
    """Decode the images of a data set once, into files that every training of the same size then reads.

    \b
      taxo data prepare cub --image-size 448
      taxo data prepare folder photos --image-size 224 --skip-bad
      taxo data prepare --clear

    Without it a training does so itself where the images do not fit into memory. The files lie in the folder `decoded`
    of TAXO_DATA or of the user's cache folder, and are made again when an image changes. One serves every subset of
    its images (--per-class, --val-fraction). --json prints an array of split, images, bytes, path and skipped; with
    --clear files and bytes.
    """
    require_torch()
    from taxo.training.data.cache_folder import clear as remove
    from taxo.training.data.registry import dataset
    from taxo.training.data.room import in_bytes

    from .printing import print_json

    if not name and not clear:
        raise typer.BadParameter("name a data set, or give --clear", param_hint="NAME")
    if name:
        dataset(name)  # an unknown name is an error, not a folder without files
    if clear:
        files, size = remove(name)
        if json:
            print_json({"files": files, "bytes": size})
        else:
            print(f"{files} files of decoded images removed, {in_bytes(size)}")
        return
    _prepare(
        {
            "dataset": name,
            "data": dir_,
            "image_size": image_size,
            "resize": resize or 0,
            "channels": channels,
            "split": split,
            "skip_bad": skip_bad,
        },
        json=json,
    )


def _prepare(options: dict[str, Any], *, json: bool) -> None:
    """Decode, and say where to and how much."""
    from taxo.taxonomy import TaxoError
    from taxo.training.data import DataConfig
    from taxo.training.data.prepare import prepare as decode
    from taxo.training.data.room import in_bytes

    from .counting import counting
    from .printing import print_json, print_table

    if options["dataset"] == "synthetic":
        raise TaxoError("data set 'synthetic' is drawn when a training starts; there is nothing to prepare")
    with counting("decoding") as report:
        found = decode(DataConfig(**options), report)
    if json:
        print_json(
            [
                {
                    "split": part.split,
                    "images": part.images,
                    "bytes": part.size,
                    "path": None if part.path is None else str(part.path),
                    "skipped": list(part.skipped),
                }
                for part in found
            ]
        )
        return
    columns = ("split", "images", "size", "file")
    rows = ((p.split, p.images, in_bytes(p.size) if p.path else "-", p.path or "no image files") for p in found)
    print_table(columns, rows)
