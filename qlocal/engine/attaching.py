"""Programs with our own stdin, stdout and stderr: in a running container, or in one of their own.

Docker's own command does the talking, for it knows every way to an engine and what a terminal
needs. What nobody should read goes to it in an open file, never in an argument.
"""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qlocal import process
from qlocal.compose.project import ComposeProject, ComposeService
from qlocal.engine import OneOff, Session
from qlocal.engine.failures import translated
from qlocal.errors import EngineError

if TYPE_CHECKING:
    import docker

_MARK = "QLOCAL_PROCESS"  # by it the program is found again when a signal comes for it
_KEYS = "ctrl-@,ctrl-],ctrl-@"  # in place of ctrl-p, which shells need themselves

# An engine can signal a container, not a program that was added to it later.
_SIGNAL = """
found=1
for one in /proc/[0-9]*; do
  if grep -qs -- "$2" "$one/environ" && kill -s "$1" "${one#/proc/}"; then found=0; fi
done
exit $found
"""


def run_in(client: "docker.DockerClient", container: str, session: Session) -> int:
    """In a container that runs. Returns the program's exit code."""
    mark = f"{_MARK}={secrets.token_hex(8)}"

    def deliver(number: int) -> bool:
        try:
            with translated("passing on a signal"):
                return _signal(client, container, session.user, (_name(number), mark))
        except EngineError:
            return False  # the container has gone, and the program with it

    with _variables(session.variables, mark) as (arguments, files, environment):
        options = ["--interactive", "--detach-keys", _KEYS, *arguments]
        options += ["--tty"] if session.tty else []
        options += ["--user", session.user] if session.user else []
        options += ["--workdir", session.directory] if session.directory else []
        code = process.attach(
            [_docker(), "exec", *options, container, *session.command],
            deliver=deliver,
            owns_terminal=session.tty,
            files=files,
            environment=environment,
        )
    if code > 128:
        # Whoever read our output may have gone; the program does not know of that.
        deliver(signal.SIGTERM)
    return code


def create_one_off(client: "docker.DockerClient", one_off: OneOff) -> str:
    """A container like the service's, that neither answers to its name nor has its port."""
    from docker.types import Healthcheck

    service, session = one_off.service, one_off.session
    variables = {one.name: one.value for one in service.variables} | dict(session.variables)
    labels = {**service.labels, **_compose_labels(one_off.project), **one_off.labels}
    labels |= {"com.docker.compose.service": service.name, "com.docker.compose.oneoff": "True"}
    with translated(f"creating a container for `{service.name}`"):
        network = _network(client, one_off.project)
        made = client.api.create_container(
            service.image,
            command=list(session.command or service.command) or None,
            name=one_off.name,
            labels=labels,
            environment=variables,
            tty=session.tty,
            stdin_open=True,
            user=session.user or None,
            working_dir=session.directory or None,
            # Shells that talk to a terminal ignore SIGTERM; that the terminal is gone they heed.
            stop_signal="SIGHUP" if session.tty else service.stop_signal or None,
            healthcheck=Healthcheck(test=["NONE"]),
            host_config=_host_config(client, service, network),
        )
    return str(made["Id"])


def attend(client: "docker.DockerClient", container: str, *, tty: bool) -> int:
    """Start it and stay until it ends. Returns its exit code."""

    def deliver(number: int) -> bool:
        try:
            with translated("passing on a signal"):
                client.api.kill(container, signal=number)
        except EngineError:
            return False  # it does not run yet, or no more
        return True

    return process.attach(
        [_docker(), "start", "--attach", "--interactive", "--detach-keys", _KEYS, container],
        deliver=deliver,
        owns_terminal=tty,
        environment=_quiet(),
    )


def _host_config(
    client: "docker.DockerClient", service: ComposeService, network: str
) -> Mapping[str, object]:
    hosts = (host.partition(":") for host in service.hosts)
    config: Mapping[str, object] = client.api.create_host_config(
        binds=[f"{mount.volume}:{mount.target}" for mount in service.mounts],
        extra_hosts={name: address for name, _, address in hosts},
        network_mode=network,
        init=service.init or None,
        mem_limit=f"{service.ram}m" if service.ram else None,
        nano_cpus=service.cpu * 1_000_000 or None,
    )
    return config


def _network(client: "docker.DockerClient", project: ComposeProject) -> str:
    """The environment's. Made here, in the form in which Compose takes it over, where none of its
    services was ever created.
    """
    name = f"{project.name}_default"
    if not any(one["Name"] == name for one in client.api.networks(names=[name])):
        labels = {**project.labels, **_compose_labels(project)}
        client.api.create_network(name, labels=labels | {"com.docker.compose.network": "default"})
    return name


def _compose_labels(project: ComposeProject) -> dict[str, str]:
    return {"com.docker.compose.project": project.name}


def _signal(
    client: "docker.DockerClient", container: str, user: str, arguments: tuple[str, str]
) -> bool:
    """As the same user, who may signal what is theirs."""
    api = client.api
    command = ["sh", "-c", _SIGNAL, "sh", *arguments]
    made = api.exec_create(container, command, user=user, stdout=False, stderr=False)
    api.exec_start(made["Id"])
    return bool(api.exec_inspect(made["Id"])["ExitCode"] == 0)


def _name(number: int) -> str:
    return signal.Signals(number).name.removeprefix("SIG")


@contextmanager
def _variables(
    variables: Mapping[str, str], mark: str
) -> Iterator[tuple[list[str], tuple[int, ...], dict[str, str]]]:
    """Arguments, files and environment that hand variables to `docker exec`.

    A line of the file holds one value; one of several lines goes through the environment.
    """
    long = {name: value for name, value in variables.items() if "\n" in value}
    lines = [f"{name}={value}" for name, value in variables.items() if name not in long]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        file.write("\n".join([mark, *lines]))
        file.flush()
        file.seek(0)
        number = file.fileno()
        arguments = ["--env-file", f"/dev/fd/{number}"]
        for name in long:
            arguments += ["--env", name]
        yield arguments, (number,), {**_quiet(), **long}


def _quiet() -> dict[str, str]:
    """Without the advertisements that Docker's command prints after a program."""
    return {**os.environ, "DOCKER_CLI_HINTS": "false"}


def _docker() -> str:
    if found := shutil.which("docker"):
        return found
    raise EngineError(
        "the `docker` command, which connects a program to this terminal, is not installed",
        hint="`qlocal doctor --fix` installs it",
    )
