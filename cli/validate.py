"""`taxo validate`."""

from typing import TYPE_CHECKING, Annotated

import typer

from .options import FromOption, HierArgument, IsAOption, JsonOption

if TYPE_CHECKING:
    from taxo.taxonomy.findings import Finding

_SHOWN = {"error": 10, "warn": 10, "info": 3}


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(validate)


def validate(
    hier: HierArgument,
    fail_on: Annotated[
        str,
        typer.Option(
            metavar="SEVERITY", help="Exit with 1 where there is a finding of this severity or worse: error or warn."
        ),
    ] = "error",
    all_: Annotated[bool, typer.Option("--all", help="Show all findings, not the first few of each kind.")] = False,
    json: JsonOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
) -> None:
    """Everything that can be said against a hierarchy, with file, line, severity and a hint.

    \b
      taxo validate my-tree.txt
      taxo validate edges.txt --is-a --fail-on warn
      taxo validate my-tree.txt --json | jq '.[] | select(.severity == "error")'

    An error means that the file is no hierarchy as it stands; a warn is probably a mistake; an info is good to know.
    The exit code is 0 where all is well, 1 where there is a finding of --fail-on or worse, 2 where the file cannot be
    opened. --json prints an array of file, line, severity, code, message, hint. docs/validation.md explains each code.
    """
    from dataclasses import asdict
    from pathlib import Path

    from taxo.hierarchies import names, resolve
    from taxo.taxonomy.errors import TaxoError, unknown_choice
    from taxo.taxonomy.findings import SEVERITIES, at_least
    from taxo.taxonomy.validation import validate as find
    from taxo.taxonomy.validation import validate_taxonomy

    from .printing import print_json

    if fail_on not in SEVERITIES:
        raise TaxoError(unknown_choice("severity", fail_on, SEVERITIES))
    is_file = hier == "-" or (hier not in names() and Path(hier).exists())
    found = find(hier, format=from_, is_a=is_a) if is_file else validate_taxonomy(resolve(hier))
    if json:
        print_json([asdict(finding) for finding in found])
    else:
        _print(hier, found, everything=all_)
    if at_least(found, fail_on):
        raise typer.Exit(1)


def _print(hier: str, findings: "list[Finding]", *, everything: bool) -> None:
    """The findings, hints where they first apply, and a summary."""
    from collections import Counter

    total = Counter(f.code for f in findings)
    seen: Counter[str] = Counter()
    hinted: set[str] = set()
    for f in findings:
        seen[f.code] += 1
        if seen[f.code] > (shown := _SHOWN[f.severity]) and not everything:
            if seen[f.code] == total[f.code]:
                print(
                    f"{f.file}: {f.severity}: and {total[f.code] - shown} more like this; --all shows them [{f.code}]"
                )
            continue
        print(f"{f.file}{'' if f.line is None else f':{f.line}'}: {f.severity}: {f.message} [{f.code}]")
        if f.hint and f.hint not in hinted:
            hinted.add(f.hint)
            print(f"    hint: {f.hint}")
    words = {"error": "errors", "warn": "warnings", "info": "remarks"}
    counts = Counter(f.severity for f in findings)
    listed = ", ".join(f"{counts[s]} {w if counts[s] != 1 else w[:-1]}" for s, w in words.items() if counts[s])
    print(f"{hier}: {listed or 'nothing to complain of'}")
