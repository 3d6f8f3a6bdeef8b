"""What becomes of manifests as people write them, one reviewed line a file.

`reviewed.tsv` is about the files beside it: made up, each for one kind of trouble met in public
repositories. `shared.tsv` is about the real ones, by digest, and is tested where they are there.
`QLOCAL_GOLDEN=write` rewrites the shapes, never the verdicts and remarks.
"""

import hashlib
import os
from pathlib import Path

import pytest

from qlocal.errors import Severity
from qlocal.manifest.document import Parsed
from qlocal.manifest.model import Manifest
from qlocal.manifest.parse import parse_manifest
from tests.unit.manifest.cases import CORPUS, GOLDEN, SHARED

WRITES = os.environ.get("QLOCAL_GOLDEN") == "write"
REVIEWED = GOLDEN / "corpus" / "reviewed.tsv"
REAL = GOLDEN / "corpus" / "shared.tsv"


def shape(parsed: Parsed[Manifest]) -> str:
    """What was understood, without anybody's names."""
    if parsed.value is None:
        errors = [it for it in parsed.problems if it.severity is Severity.ERROR]
        return " | ".join(f"{it.where.line}:{it.where.column} {it.message}" for it in errors)
    it, application = parsed.value, parsed.value.application
    said = {
        "public": application.publicly_accessible,
        "port": application.port or ",".join(map(str, application.private_ports)),
        "dockerfile": "" if application.dockerfile == "Dockerfile" else application.dockerfile,
        "cpu": application.cpu,
        "ram": application.ram,
        "timeout": application.start_timeout,
        "depends": len(application.depends_on),
        "ready": application.ready_check and application.ready_check.http_path,
        "storage": ",".join(str(one.size) for one in application.storage),
        "services": ",".join(f"{one.type}:{one.version}" for one in it.backing_services),
        "paths": ",".join(
            path for router in it.routers for route in router.routes for path in route.paths
        ),
        "domains": sum(len(router.custom_domains) for router in it.routers),
        "tasks": len(it.scheduled_tasks),
        "warnings": sum(one.severity is Severity.WARNING for one in parsed.problems),
        "notes": sum(one.severity is Severity.INFO for one in parsed.problems),
    }
    return " ".join(f"{key}={value}" for key, value in said.items() if value) or "-"


def table(path: Path) -> dict[str, tuple[str, str, str]]:
    """key → verdict, shape, remark."""
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, verdict, what, remark = line.split("\t")
        rows[key] = (verdict, what, remark)
    return rows


def key(path: Path) -> str:
    if path.is_relative_to(GOLDEN):
        return path.stem
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def check(path: Path, rows: Path) -> None:
    parsed = parse_manifest(path.read_bytes(), path.name)
    verdict = "refused" if parsed.value is None else "accepted"
    known = table(rows)
    if WRITES:
        old = known.get(key(path), (verdict, "", ""))
        known[key(path)] = (old[0], shape(parsed), old[2])
        lines = ("\t".join((name, *row)) for name, row in sorted(known.items()))
        rows.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert (verdict, shape(parsed)) == known[key(path)][:2]


@pytest.mark.parametrize("path", CORPUS, ids=lambda it: it.stem)
def test_a_file_of_the_corpus_is_understood_as_reviewed(path: Path) -> None:
    check(path, REVIEWED)


@pytest.mark.skipif(not SHARED, reason="no real files on this machine")
@pytest.mark.parametrize("path", SHARED, ids=key)
def test_a_real_file_is_understood_as_reviewed(path: Path) -> None:
    check(path, REAL)


def test_the_table_names_every_file_and_no_other() -> None:
    assert set(table(REVIEWED)) == {path.stem for path in CORPUS}


def test_every_refusal_has_a_reason_in_the_table() -> None:
    for rows in (REVIEWED, REAL):
        for name, (verdict, _, remark) in table(rows).items():
            assert verdict in ("accepted", "refused")
            assert remark or verdict == "accepted", name
