"""Every recipe runs where its libraries are installed."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "recipes.md"
BLOCKS = re.findall(
    r"^```py\n# needs: (.*?)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
)


def parameter(number: int, needs: str, code: str) -> object:
    libraries = needs.split(", ")
    marks = [pytest.mark.torch] if "torch" in libraries else []
    return pytest.param(libraries, code, marks=marks, id=f"{number}-{libraries[-1]}")


@pytest.mark.parametrize(("libraries", "code"), [parameter(i, *block) for i, block in enumerate(BLOCKS, 1)])
@pytest.mark.filterwarnings("default")
def test_a_recipe(libraries: list[str], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    for library in libraries:
        pytest.importorskip(library)
    exec(compile(code, PAGE.name, "exec"), {"__name__": "recipe"})


def test_no_recipe_is_left_out() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(BLOCKS) == text.count("```py") >= 9
    assert "```python" not in text, "tests/test_docs.py runs those everywhere"
