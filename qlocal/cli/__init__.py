"""The terminal. The only place that prints or exits; one file per command, found by its name."""

import importlib
import pkgutil
from typing import Any

import click

from qlocal import __version__
from qlocal.errors import Interrupted, QlocalError


class Commands(click.Group):
    """A folder is a registry: `cli/up.py` is `qlocal up`. It is also the border at which errors
    become text and exit codes.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        names = (module.name for module in pkgutil.iter_modules(__path__))
        return sorted(name for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{__name__}.{name}").command
        command.name = name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            if close := get_close_matches(args[0], self.list_commands(ctx), n=1):
                message = f"{error.message} Did you mean `{close[0]}`?"
                raise click.UsageError(message, ctx) from error
            raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except QlocalError as error:
            from qlocal.cli._console import show_error

            show_error(error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("\ninterrupted; the same command goes on from here", err=True)
            ctx.exit(Interrupted.exit_code)
        except BrokenPipeError:
            # Whoever read our output (`| head`) has seen enough.
            import os
            import sys

            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: qlocal up && qlocal ps",
)
@click.version_option(__version__, message="qlocal %(version)s")
def main() -> None:
    """Run a .qovery.yml on this machine: one isolated environment per git branch."""
