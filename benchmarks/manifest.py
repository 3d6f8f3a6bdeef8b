"""How long reading takes: one manifest, a hundred applications, a process of `qlocal validate`.

Run: python benchmarks/manifest.py
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from qlocal.manifest.dockerfile import read_dockerfile
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.schema import manifest_schema

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
    bomb = b"[" * 100_000
    rows.append(("refuse 100,000 open brackets, CPU", best(lambda: parse_manifest(bomb, "m"))))
    rows.append(("read a Dockerfile of 30 lines, CPU", best(lambda: read_dockerfile(DOCKERFILE))))
    rows.append(("make the JSON Schema, CPU", best(manifest_schema)))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, ".qovery.yml").write_text(ONE.replace("{n}", "1"))
        Path(folder, "Dockerfile").write_text(DOCKERFILE)
        rows.append(("qlocal validate as a process", validate_process(folder)))
    for name, milliseconds in rows:
        print(f"{name:40} {milliseconds:9.2f} ms")


if __name__ == "__main__":
    main()
