"""What `taxo data check` reports: findings, and the numbers of a data set."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class DataFinding:
    """One thing worth saying about a data set.

    Attributes:
        severity: "error": it cannot be trained on as it is; "warn": scores would mislead; "info": good to know.
        code: Which kind of finding it is; docs/data-sets.md has a table.
        message: What was found, and what to do about it.
        items: What it was found in, all of it, a row each; the table says what stands in a row.
    """

    severity: str
    code: str
    message: str
    items: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class DataReport:
    """What was found in a data set.

    Attributes:
        name: Name in the registry.
        kind: "images" or "texts".
        counts: Number of classes, and of the items of each split; None for a split that is not there.
        paper: The same numbers in Table 1 of [BD20]; None where it is not in it.
        findings: The worst first.
    """

    name: str
    kind: str
    counts: dict[str, int | None]
    paper: dict[str, int] | None
    findings: tuple[DataFinding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing but what is good to know."""
        return all(finding.severity == "info" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """As `taxo data check --json` prints it."""
        return {
            "name": self.name,
            "kind": self.kind,
            **self.counts,
            "paper": self.paper,
            "findings": [asdict(finding) for finding in self.findings],
        }
