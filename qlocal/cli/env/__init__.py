"""`qlocal env`: lists the variables; `set`, `unset` and `import` are files beside this one."""

from typing import Any

import click

from qlocal.cli._options import json_output, loudness, where
from qlocal.cli.env._options import application
from qlocal.cli.env._verbs import Verbs

_EPILOG = """Examples: qlocal env --format dotenv --show-secrets > app.env

eval $(qlocal env --host --format shell --show-secrets) && npm start"""


@click.group(cls=Verbs, invoke_without_command=True, epilog=_EPILOG)
@where()
@application
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json", "dotenv", "shell")),
    default="table",
    help="How to print them.",
)
@click.option("--dotenv", is_flag=True, hidden=True)
@click.option("--show-secrets", is_flag=True, help="Show passwords and the like.")
@click.option("--host", is_flag=True, help="As a process on this machine reaches the containers.")
@click.option("--explain", metavar="NAME", help="Where it comes from, who won and why.")
@click.option("--diff", metavar="BRANCH", help="What differs on another branch.")
@json_output
@loudness
def command(request: Any, **options: Any) -> None:
    """List the variables the application gets, and where each comes from.

    Without --show-secrets, secrets are hidden in tables and JSON and left out elsewhere.
    """
    context = click.get_current_context()
    if context.invoked_subcommand:
        _refuse_options(context)
        return
    from qlocal.cli.env import _show

    form = "json" if options["as_json"] else "dotenv" if options["dotenv"] else options["form"]
    context.find_root().meta["qlocal.json"] = form == "json"
    chosen = [name for name in ("host", "explain", "diff") if options[name]]
    if len(chosen) > 1:
        raise click.UsageError(f"--{chosen[0]} and --{chosen[1]} do not go together")
    if chosen and chosen != ["host"] and form not in ("table", "json"):
        raise click.UsageError(f"--{chosen[0]} is printed as a table or as JSON")
    look = _show.Look(
        request=request,
        application=options["application"],
        form=form,
        show_secrets=options["show_secrets"],
    )
    if options["explain"]:
        _show.explanation(look, options["explain"])
    elif options["diff"]:
        _show.comparison(look, options["diff"])
    else:
        _show.listing(look, from_host=options["host"])


def _refuse_options(context: click.Context) -> None:
    """They would be read as those of the listing, and change nothing."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is click.core.ParameterSource.COMMANDLINE:
            option = next(one for one in context.command.params if one.name == name)
            verb = context.invoked_subcommand
            raise click.UsageError(f"put `{option.opts[-1]}` after `{verb}`", context)
