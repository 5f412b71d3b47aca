"""The application: commands, remarks on stderr, and what becomes of errors."""

import logging
import os
import sys
from typing import Annotated, Any

import typer
import typer.core

from . import (
    check,
    convert,
    data,
    derive,
    diff,
    editing,
    embeddings,
    evaluating,
    hierarchies,
    plot,
    queries,
    reduce,
    training,
    validate,
)


class SuggestingGroup(typer.core.TyperGroup):
    """Commands, with near matches for one that is not there, parts of names included ("buld", "embed")."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As in the base class; an unknown command fails with what may have been meant."""
        if not self.get_command(ctx, args[0]):
            from taxo.taxonomy.errors import did_you_mean, near_matches

            parts = {part: name for name in self.list_commands(ctx) for part in (*name.split("-"), name)}
            near = list(dict.fromkeys(parts[part] for part in near_matches(args[0], parts)))
            ctx.fail(f"no command {args[0]!r}{did_you_mean(near)}")
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="taxo",
    cls=SuggestingGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a bug keeps its plain traceback
    rich_markup_mode=None,  # plain help starts in half the time and reads the same everywhere
    context_settings={"help_option_names": ["-h", "--help"]},
)
_GROUPS = (
    hierarchies,
    validate,
    queries,
    convert,
    editing,
    diff,
    derive,
    reduce,
    embeddings,
    check,
    plot,
    training,
    evaluating,
    data,
)
for group in _GROUPS:
    group.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from taxo import __version__

        print(f"taxo {__version__}")
        raise typer.Exit


@app.callback()
def taxo(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Class hierarchies, semantic class embeddings, and training on them.

    \b
      taxo list                                  the built-in hierarchies
      taxo show cub-deep Charadriiformes         a tree, drawn
      taxo build-embeddings cub-deep             write cub-deep.npz
      taxo check cub-deep.npz cub-deep           how exact it is
      taxo plot cub-deep                         a heat map; also --kind map, dendrogram, losses
      taxo train --embedding cub-deep --dataset synthetic --output runs/NAME
      taxo evaluate runs/NAME                    accuracy, level by level

    HIER is a built-in name, a file, a directory tree, or - for standard input.
    """


def main() -> None:
    """Run the command line. Mistakes in the input end in one line on stderr and exit code 2."""
    remarks = logging.StreamHandler()  # to stderr, so that stdout holds data only
    log = logging.getLogger("taxo")
    log.addHandler(remarks)
    log.setLevel(logging.INFO)
    try:
        app()
    except ValueError as error:
        from taxo.taxonomy.errors import TaxoError  # a ValueError; imported late, since --help needs no numpy

        if not isinstance(error, TaxoError):
            raise
        print(f"taxo: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # `taxo show nab | head`: the reader has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    finally:
        log.removeHandler(remarks)
