"""Files of choices: what is read, and that a report is one."""

from pathlib import Path

import pytest

from taxo.taxonomy import FormatError
from taxo.taxonomy.wordnet.decisions import Decision, Sense, read_choices, remarks, report

DOG, PAWL = Sense("n02084071", ("dog", "domestic dog"), "a pet", 0.5), Sense("n03901548", ("pawl", "dog"), "", 0.25)


def test_a_report_is_a_file_of_choices(tmp_path: Path) -> None:
    names = ["dog", "#1 dog", '"dog"', " a dog ", "big dog"]
    decisions = [Decision(name, "name", "dog", (DOG, PAWL)) for name in names]
    decisions.append(Decision("unheard", "missing", "", ()))
    (tmp_path / "choices.tsv").write_text("\n".join(report(decisions, "3.0")))
    assert read_choices(tmp_path / "choices.tsv") == dict.fromkeys(names, "n02084071") | {"unheard": "-"}


def test_the_lines_of_a_report() -> None:
    lines = list(report([Decision("dog", "name", "dog", (DOG, PAWL))], "3.0"))
    assert lines[-3:] == [
        "# class\tnoun\thow\tscore\tmeaning",
        "dog\tn02084071\tname\t0.500\tdog, domestic dog: a pet",
        "#\tn03901548\t\t0.250\tpawl, dog",
    ]


def test_faults_are_reported_together(tmp_path: Path) -> None:
    (tmp_path / "c.tsv").write_text("# x\ncat\ndog\tn02084071\ndog\tn02084071\nowl\t\n")
    with pytest.raises(FormatError) as caught:
        read_choices(tmp_path / "c.tsv")
    assert [line for line, _ in caught.value.faults] == [2, 4, 5]
    assert "'dog' is given twice" in str(caught.value)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "c.tsv").write_text("# nothing\n")
    with pytest.raises(FormatError, match="no choices in this file"):
        read_choices(tmp_path / "c.tsv")


def test_remarks() -> None:
    decisions = [
        Decision("dog", "name", "dog", (DOG, PAWL), own_leaf=True),
        Decision("big dog", "head", "dog", (DOG,)),
        Decision("hound", "choice", "dog", (DOG, PAWL)),
        Decision("unheard", "missing", "", ()),
    ]
    assert list(remarks(decisions)) == [
        "4 classes: 1 by name, 1 by the main word only, 1 by choice, 1 not found",
        "only the main word was found: 'big dog: dog'",
        "1 name has several senses; the one closest to the other classes was taken (--report, --choices)",
        "'dog': other classes lie below or mean the same, so a leaf of its own stands for it",
        "not in WordNet, so below the root: 'unheard'",
    ]
