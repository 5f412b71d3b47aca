"""Where the two files of the NCBI taxonomy are found: a folder, beside each other, an archive."""

from pathlib import Path

from ..errors import FormatError
from .archive import is_zip, tar_members, zip_member, zip_members
from .source import Source

NODES, NAMES = "nodes.dmp", "names.dmp"


def contents(source: Source) -> dict[str, bytes]:
    """What `nodes.dmp` and `names.dmp` hold.

    Raises:
        FormatError: Neither a folder nor an archive with both, nor one of the two files.
        TaxoError: A file cannot be read.
    """
    path = Path(source.name)
    at_hand = "text" not in source.__dict__ and source.name != "-"
    if at_hand and path.is_dir():
        return {name: Source(str(path / name)).data() for name in (NODES, NAMES)}
    raw = source.raw()
    if is_zip(raw):
        names = [name for name in zip_members(source, raw) if name.rsplit("/", 1)[-1] in (NODES, NAMES)]
        return _both(source, {name.rsplit("/", 1)[-1]: zip_member(source, raw, name) for name in names})
    if _is_tar(source):
        return _both(source, tar_members(source, raw, {NODES, NAMES}))
    if not at_hand or ("nodes" in path.name) == ("names" in path.name):
        message = f"no NCBI taxonomy: expected is {NODES} with {NAMES} beside it, their folder, or an archive with both"
        raise FormatError(source.name, [(None, message)])
    # Both are of one kind: my_nodes.dmp.gz belongs to my_names.dmp.gz.
    nodes = path.with_name(path.name.replace("names", "nodes"))
    names_path = path.with_name(path.name.replace("nodes", "names"))
    for file in (nodes, names_path):
        if not file.is_file():
            raise FormatError(source.name, [(None, f"its other half, {file.name}, is not beside it")])
    return {NODES: Source(str(nodes)).data(), NAMES: Source(str(names_path)).data()}


def _is_tar(source: Source) -> bool:
    # Archives older than POSIX lack the word.
    name = source.name.lower()
    return source.first_bytes()[257:262] == b"ustar" or name.endswith((".tar", ".tar.gz", ".tgz"))


def _both(source: Source, found: dict[str, bytes]) -> dict[str, bytes]:
    missing = [name for name in (NODES, NAMES) if name not in found]
    if missing:
        raise FormatError(source.name, [(None, f"there is no {' and no '.join(missing)} in the archive")])
    return found
