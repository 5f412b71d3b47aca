"""Random edits that fit a hierarchy, for the property tests."""

from collections.abc import Callable

from hypothesis import strategies as st

from taxo.taxonomy import TaxoError, Taxonomy
from taxo.taxonomy.editing import edits

Edit = Callable[[Taxonomy], Taxonomy]
NEW = "a new name"


def edited(draw: st.DrawFn, t: Taxonomy) -> tuple[str, Taxonomy] | None:
    """Name of an edit with random arguments, and its result; None where these are refused."""
    names = st.sampled_from(t.names)
    verb = draw(st.sampled_from(["add", "remove", "lift", "move", "rename", "merge", "split", "insert_level",
                                 "collapse", "collapse all", "prune"]))  # fmt: skip
    a, b = draw(names), draw(names)
    below = [t.names[c] for c in t.children_of(t.index(a))] or [b]
    some = draw(st.lists(st.sampled_from(below), min_size=1, unique=True))
    emptied = draw(st.sampled_from(["leaf", "class", "remove"]))
    run: dict[str, Callable[[], Taxonomy]] = {
        "add": lambda: edits.add(t, NEW, parent=a, rank="r", synonyms=["s"]),
        "remove": lambda: edits.remove(t, a, emptied=emptied),  # type: ignore[arg-type]
        "lift": lambda: edits.remove(t, a, keep_children=True, emptied=emptied),  # type: ignore[arg-type]
        "move": lambda: edits.move(t, a, b, emptied=emptied),  # type: ignore[arg-type]
        "rename": lambda: edits.rename(t, a, NEW, keep_old=emptied == "leaf"),
        "merge": lambda: edits.merge(t, a, b, emptied=emptied),  # type: ignore[arg-type]
        "split": lambda: edits.split(t, a, NEW, some),
        "insert_level": lambda: edits.insert_level(t, a, NEW, some),
        "collapse": lambda: edits.collapse(t, a),
        "collapse all": lambda: edits.collapse(t),
        "prune": lambda: edits.prune(t, [a, b]),
    }
    try:
        return verb, run[verb]()
    except TaxoError:
        return None


@st.composite
def before_and_after(draw: st.DrawFn, hierarchies: st.SearchStrategy[Taxonomy]) -> tuple[Taxonomy, str, Taxonomy]:
    """A hierarchy, the name of an edit, and what that makes of it."""
    t = draw(hierarchies)
    found = edited(draw, t)
    return (t, *found) if found else (t, "nothing", t)
