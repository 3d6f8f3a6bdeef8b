"""From start to "accepts queries": each service under qlocal beside a plain `docker run`.

    python benchmarks/services.py [rounds]

Same image, same variables, a new volume each time, in turns. Plain: one probe after the other,
without a pause. Prints medians and the ratio; nothing is asserted, because machines are shared and
noisy. Types whose image cannot be had here are left out by name.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import datetime
from pathlib import Path

import docker

from qlocal.services import Credentials, Instance, catalogue

QLOCAL = [str(Path(sys.executable).with_name("qlocal"))]
MANIFEST = """\
application: {{name: waiting, project: {project}}}
{section}:
- {{type: {type}, name: data}}
"""
DOCKERFILE = 'FROM debian:bookworm-slim\nCMD ["tail", "-f", "/dev/null"]\n'
LABEL = "dev.qlocal.test"


def moment(text):
    """Docker writes nanoseconds, and local time with an offset or UTC with a Z."""
    head, _, rest = text.partition(".")
    digits = "".join(character for character in rest if character.isdigit())[:6]
    zone = rest[-6:] if rest[-6:-5] in "+-" else "+00:00"
    return datetime.fromisoformat(f"{head}.{digits.ljust(6, '0')}{zone}").timestamp()


def run(*words, folder):
    return subprocess.run(
        [*QLOCAL, *words], cwd=folder, capture_output=True, text=True, check=False
    )


def under_qlocal(client, project, folder):
    """Seconds from the container's start until qlocal knows it ready, and of all of `up`."""
    begun = time.monotonic()
    ready = 0.0
    with subprocess.Popen(
        [*QLOCAL, "up"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        for line in child.stderr:
            if "data ready" in line:
                ready = time.time()
    whole = time.monotonic() - begun
    if child.returncode:
        return None
    filters = {"label": [f"dev.qlocal.project={project}", "dev.qlocal.service=data"]}
    (container,) = client.containers.list(filters=filters)
    return ready - moment(container.attrs["State"]["StartedAt"]), whole, container.attrs["Image"]


def plain(client, kind, image):
    it = Instance(
        name="data",
        version="",
        host="data",
        port=kind.port,
        credentials=Credentials(
            username=kind.username,
            password=uuid.uuid4().hex,
            database=kind.default_database.format(name="data"),
        ),
    )
    container = client.containers.create(
        image,
        list(kind.command(it)) or None,
        environment=dict(kind.environment(it)),
        labels={LABEL: "benchmark"},
    )
    try:
        container.start()
        probe = list(kind.probe(it).command)
        while container.exec_run(probe)[0] != 0:
            pass
        ready = time.time()
        container.reload()
        return ready - moment(container.attrs["State"]["StartedAt"])
    finally:
        container.remove(force=True, v=True)


def compare(client, kind, rounds):
    project = f"benchmark-{kind.type}-{uuid.uuid4().hex[:6]}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "waiting")
        folder.mkdir()
        os.environ["QLOCAL_HOME"] = str(Path(name, "home"))
        text = MANIFEST.format(project=project, section=kind.section, type=kind.type)
        Path(folder, ".qovery.yml").write_text(text)
        Path(folder, "Dockerfile").write_text(DOCKERFILE)
        ours, theirs, wholes = [], [], []
        try:
            # The first may have images to make.
            if under_qlocal(client, project, folder) is None:
                print(f"{kind.type:<14} its image cannot be had here")
                return
            for _ in range(rounds):
                run("down", "--volumes", "--yes", folder=folder)
                taken, whole, image = under_qlocal(client, project, folder)
                ours.append(taken)
                wholes.append(whole)
                theirs.append(plain(client, kind, image))
        finally:
            run("down", "--volumes", "--yes", folder=folder)
    mine, other, up = (statistics.median(times) for times in (ours, theirs, wholes))
    print(
        f"{kind.type:<14} {mine:>8.2f} {other:>11.2f} {mine / other:>6.2f} {up:>10.2f}", flush=True
    )


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    client = docker.from_env()
    print(f"{'seconds, median':<14} {'qlocal':>8} {'docker run':>11} {'ratio':>6} {'whole up':>10}")
    for kind in catalogue().values():
        compare(client, kind, rounds)


main()
