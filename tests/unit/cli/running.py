"""The command line as a user meets it, in a process of its own: exit code, stdout, stderr."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MANIFEST = """\
application:
  name: todo
  project: demo
  publicly_accessible: true
databases:
- {type: postgresql, version: "15", name: my-pg}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    code: int
    out: str
    err: str


def qlocal(*arguments: str, folder: Path, **environment: str) -> Ran:
    """No engine answers, unless DOCKER_HOST says otherwise."""
    done = subprocess.run(
        [sys.executable, "-m", "qlocal", *arguments],
        cwd=folder,
        env={**os.environ, "DOCKER_HOST": "unix:///nowhere/docker.sock"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


def write_project(folder: Path, manifest: str = MANIFEST) -> Path:
    (folder / ".qovery.yml").write_text(manifest)
    (folder / "Dockerfile").write_text("FROM debian:bookworm-slim\nEXPOSE 8080\n")
    return folder
