"""Options that several commands share."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def where(*, file_letter: bool = True) -> Callable[[F], F]:
    """`-b`, `-f`, `-C`: handed over as one `request`. `logs` needs `-f` for itself."""
    letters = ("-f", "--file") if file_letter else ("--file",)

    def decorate(function: F) -> F:
        @click.option("-b", "--branch", default="", metavar="NAME", help="Branch; default: git's.")
        @click.option(
            *letters, "file", default="", metavar="PATH", help="Manifest; default: .qovery.yml."
        )
        @click.option(
            "-C",
            "--directory",
            default=".",
            metavar="DIR",
            help="Go there first.",
            type=click.Path(exists=True, file_okay=False),
        )
        @wraps(function)
        def wrapper(branch: str, file: str, directory: str, **rest: Any) -> Any:
            from qlocal.operations.project import Request

            return function(Request(directory=directory, file=file, branch=branch), **rest)

        return wrapper  # type: ignore[return-value]

    return decorate


def _remember_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:
    ctx.find_root().meta["qlocal.json"] = value
    return value


json_output = click.option(
    "--json", "as_json", is_flag=True, callback=_remember_json, help="One JSON document on stdout."
)


def _remember_loudness(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    ctx.find_root().meta[f"qlocal.{parameter.name}"] = value


def quiet(function: F) -> F:
    """`-q`: read by the console, not by the command."""
    return click.option(
        "-q",
        "--quiet",
        is_flag=True,
        expose_value=False,
        callback=_remember_loudness,
        help="Say nothing but errors.",
    )(function)


def loudness(function: F) -> F:
    """`-q` and `-v`. `down` has only the first: its `-v` is Compose's."""
    return quiet(
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            expose_value=False,
            callback=_remember_loudness,
            help="Say everything.",
        )(function)
    )
