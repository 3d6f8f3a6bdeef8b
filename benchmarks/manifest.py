"""How long reading and translating take, and a process of `qlocal validate`.

Run: python benchmarks/manifest.py

Every application sees the variables of every database of its environment, so what a translation
hands out grows with the square of the project; the time per variable does not grow.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from qlocal.compose.given import Given
from qlocal.compose.naming import Environment
from qlocal.compose.roster import Source, take_roster
from qlocal.compose.translate import translate
from qlocal.manifest.dockerfile import read_dockerfile
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.schema import manifest_schema
from qlocal.manifest.settings import Settings

ONE = """---
application:
  name: "shop-{n}"
  project: "store"
  organization: "QoveryCommunity"
  publicly_accessible: true
  port: 3000
  ram: 512MB
  storage:
  - name: "data"
    size: "10"
    type: "fast_ssd"
    mount_point: "/mnt/data"
databases:
- type: "POSTGRESQL"
  name: "db-{n}"
  version: "12"
- type: "REDIS"
  name: "cache-{n}"
  version: "6"
- type: "MYSQL"
  name: "old-{n}"
  version: "8.0"
routers:
- name: "main-{n}"
  routes:
  - application_name: "shop-{n}"
    paths:
    - "/*"
"""
DOCKERFILE = "ARG V=16\nFROM node:$V AS build\nRUN make\nFROM build\nENV P=3000\nEXPOSE $P\n" * 5


def best(action: Callable[[], object], repeat: int = 7) -> float:
    """Milliseconds of CPU, the best of several."""
    times = []
    for _ in range(repeat):
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times) * 1000


def parse_many(count: int) -> None:
    for number in range(count):
        assert parse_manifest(ONE.replace("{n}", str(number)).encode(), "m").value is not None


def sources(count: int) -> tuple[Source, ...]:
    found = []
    for number in range(count):
        manifest = parse_manifest(ONE.replace("{n}", str(number)).encode(), "m").value
        assert manifest is not None
        found.append(
            Source(
                manifest=manifest,
                settings=Settings(),
                dockerfile=read_dockerfile(DOCKERFILE),
                root=f"/src/{number}",
                context="0",
            )
        )
    return tuple(found)


def translate_all(read: tuple[Source, ...]) -> None:
    given = Given(environment=Environment(project="store", branch="main"))
    assert translate(take_roster(read), given).project.services


def validate_process(folder: str) -> float:
    """Milliseconds of wall time, the best of several, of the command as a process."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "qlocal", "validate", "-C", folder],
            check=True,
            capture_output=True,
        )
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def main() -> None:
    parse_many(1)
    rows = [
        (f"parse {count} manifests, CPU", best(partial(parse_many, count)))
        for count in (1, 10, 100, 1000)
    ]
    rows += [
        (
            f"translate {count} applications, 3 databases each, CPU",
            best(partial(translate_all, sources(count)), 3),
        )
        for count in (10, 50, 100, 200)
    ]
    bomb = b"[" * 100_000
    rows.append(("refuse 100,000 open brackets, CPU", best(lambda: parse_manifest(bomb, "m"))))
    rows.append(("read a Dockerfile of 30 lines, CPU", best(lambda: read_dockerfile(DOCKERFILE))))
    rows.append(("make the JSON Schema, CPU", best(manifest_schema)))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, ".qovery.yml").write_text(ONE.replace("{n}", "1"))
        Path(folder, "Dockerfile").write_text(DOCKERFILE)
        rows.append(("qlocal validate as a process", validate_process(folder)))
    for name, milliseconds in rows:
        print(f"{name:56} {milliseconds:9.2f} ms")


if __name__ == "__main__":
    main()
