"""`taxo edit`, `taxo undo`, `taxo log`, `taxo apply`."""

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
