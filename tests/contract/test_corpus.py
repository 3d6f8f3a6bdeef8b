"""Every manifest that is accepted becomes a file that Compose accepts: no engine is needed."""

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from qlocal.compose.project import to_yaml
from qlocal.compose.roster import Source, take_roster
from qlocal.compose.translate import translate
from qlocal.errors import Severity
from qlocal.manifest.dockerfile import read_dockerfile
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.settings import Settings
from tests.unit.compose.translating import DOCKERFILE, given_for
from tests.unit.manifest.cases import CORPUS, SHARED


def compose_file(data: bytes) -> str:
    """ "" for a manifest that is refused."""
    parsed = parse_manifest(data, ".qovery.yml")
    if parsed.value is None:
        return ""
    source = Source(
        manifest=parsed.value,
        settings=Settings(),
        dockerfile=read_dockerfile(DOCKERFILE),
        root="/src",
        context="0",
    )
    roster = take_roster((source,))
    translation = translate(roster, given_for(roster))
    errors = [one for one in translation.problems if one.severity is Severity.ERROR]
    assert not errors, "\n".join(map(str, errors))
    return to_yaml(translation.project.document())


def said_by_compose(text: str) -> str:
    command = ["docker", "compose", "-f", "-", "config", "--quiet"]
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    return "" if done.returncode == 0 else done.stderr


def test_every_accepted_manifest_becomes_a_file_that_compose_accepts() -> None:
    if not shutil.which("docker") or said_by_compose("services: {a: {image: b}}"):
        pytest.skip("there is no Compose here")
    texts = [text for path in (*CORPUS, *SHARED) if (text := compose_file(path.read_bytes()))]
    assert len(texts) > 20
    with ThreadPoolExecutor() as pool:
        refused = [said for said in pool.map(said_by_compose, texts) if said]
    assert not refused, "\n".join(refused)
