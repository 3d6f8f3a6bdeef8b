"""The verbs of `qlocal env`: one file each, found by its name."""

import importlib
import pkgutil

import click


class Verbs(click.Group):
    """`import_.py` is `import`, which no module can be called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        import qlocal.cli.env

        names = (module.name for module in pkgutil.iter_modules(qlocal.cli.env.__path__))
        return sorted(name.rstrip("_") for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        module = "import_" if name == "import" else name
        command: click.Command = importlib.import_module(f"qlocal.cli.env.{module}").command
        command.name = name
        return command
