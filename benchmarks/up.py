"""`qlocal up` against `docker compose up -d --wait`, in the same run, on the same environment.

    make bench

Prints medians and ratios; nothing is asserted, because machines are shared and noisy. The
Compose file is the one `qlocal config` prints.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "02-todo"
QLOCAL = [str(Path(sys.executable).with_name("qlocal"))]


def timed(command, folder):
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start


def alternate(rounds, first, second, *, before=None):
    """Medians of both, taken in turns so that noise hits both alike."""
    times = ([], [])
    for _ in range(rounds):
        for command, taken in zip((first, second), times, strict=True):
            if before:
                before()
            taken.append(command())
    return tuple(statistics.median(taken) for taken in times)


def row(what, ours, theirs):
    print(f"{what:<44} {ours * 1000:>9.0f} {theirs * 1000:>9.0f} {theirs / ours:>7.1f}x")


def main():
    with tempfile.TemporaryDirectory() as folder:
        todo = Path(folder, "todo")
        shutil.copytree(EXAMPLE, todo)
        manifest = todo / ".qovery.yml"
        manifest.write_text(manifest.read_text().replace('"demo"', '"benchmark"'))
        os.environ["QLOCAL_HOME"] = str(Path(folder, "home"))
        up = [*QLOCAL, "up"]
        subprocess.run(up, cwd=todo, check=True, capture_output=True)
        try:
            compare(todo, up)
        finally:
            down = [*QLOCAL, "down", "--volumes", "--yes"]
            subprocess.run(down, cwd=todo, check=True, capture_output=True)


def compare(todo, up):
    file = todo.parent / "compose.yaml"
    printed = subprocess.run([*QLOCAL, "config"], cwd=todo, check=True, capture_output=True).stdout
    file.write_bytes(printed)
    compose = ["docker", "compose", "-f", str(file)]
    wait = [*compose, "up", "-d", "--wait"]
    print(f"{'milliseconds, median':<44} {'qlocal':>9} {'compose':>9} {'ratio':>8}")
    ours, theirs = alternate(9, lambda: timed(up, todo), lambda: timed(wait, todo))
    row("up, nothing to do", ours, theirs)
    ours, theirs = alternate(
        9, lambda: timed([*QLOCAL, "ps"], todo), lambda: timed([*compose, "ps"], todo)
    )
    row("ps", ours, theirs)
    ours, theirs = alternate(
        3,
        lambda: timed(up, todo),
        lambda: timed(wait, todo),
        before=lambda: timed([*compose, "down"], todo),
    )
    row("up after down, three services", ours, theirs)

    def start():
        timed(wait, todo)

    ours, theirs = alternate(
        3,
        lambda: timed([*QLOCAL, "down"], todo),
        lambda: timed([*compose, "down"], todo),
        before=start,
    )
    row("down, three services", ours, theirs)
    times = [timed([*QLOCAL, "--help"], todo) for _ in range(9)]
    print(f"{'--help':<44} {statistics.median(times) * 1000:>9.0f}")


main()
