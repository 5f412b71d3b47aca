"""Imports point downwards only, and the core stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOWER = {
    "taxonomy": set(),
    "hierarchies": {"taxonomy"},
    "embeddings": {"taxonomy"},
    "training": {"taxonomy", "hierarchies", "embeddings"},
    "cli": {"taxonomy", "hierarchies", "embeddings", "training"},
}
HEAVY = ("torch", "torchvision", "accelerate", "nltk", "matplotlib", "networkx", "scipy", "pronto", "rdflib")


def imported(file: Path) -> set[str]:
    """Full names of the modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("folder", LOWER)
def test_imports_point_downwards(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    for file in files:
        for name in imported(file):
            package, _, rest = name.partition(".")
            if package == "taxo" and rest:
                assert rest.split(".")[0] in LOWER[folder], f"{file} imports {name}"


def test_only_training_imports_torch() -> None:
    for folder in set(LOWER) - {"training"}:
        for file in (ROOT / folder).rglob("*.py"):
            assert not {n.split(".")[0] for n in imported(file)} & {"torch", "torchvision", "accelerate"}, file


@pytest.mark.parametrize(
    "code",
    [
        "import taxo",
        "import taxo.taxonomy",
        "import taxo.hierarchies, taxo.embeddings; taxo.embeddings.embed(taxo.hierarchies.load('cub-deep'))",
        "import sys; sys.argv = ['taxo', '--help']\nimport taxo.cli\ntry: taxo.cli.main()\nexcept SystemExit: pass",
        "import sys; sys.argv = ['taxo', 'train', '--help']\nimport taxo.cli\ntry: taxo.cli.main()\nexcept SystemExit: pass",
    ],
)
def test_the_core_stays_light(code: str) -> None:
    check = f"\nimport sys\nheavy = [m for m in {HEAVY} if m in sys.modules]\nassert not heavy, heavy"
    done = subprocess.run([sys.executable, "-c", code + check], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_help_needs_no_numpy() -> None:
    code = (
        "import sys; sys.argv = ['taxo', '--help']\nimport taxo.cli\n"
        "try: taxo.cli.main()\nexcept SystemExit: pass\n"
        "assert 'numpy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_python_m_taxo() -> None:
    done = subprocess.run([sys.executable, "-m", "taxo", "--version"], capture_output=True, text=True, check=True)
    from taxo import __version__

    assert done.stdout == f"taxo {__version__}\n"


def test_what_is_imported_later_is_there() -> None:
    code = (
        "import sys, taxo.taxonomy as t\n"
        "early = [m for m in sys.modules if m.startswith(('taxo.taxonomy.wordnet', 'taxo.taxonomy.editing'))]\n"
        "assert early in ([], ['taxo.taxonomy.editing']), early\n"
        "for name in t.__all__: assert callable(getattr(t, name)) or name.isupper(), name\n"
        "assert set(t.__all__) <= set(dir(t))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    import taxo.taxonomy

    with pytest.raises(AttributeError, match="has no attribute 'reduced'"):
        _ = taxo.taxonomy.reduced
