"""Steps that can be performed anywhere."""

from pathlib import Path

from qlocal.engine.host.apply import apply
from qlocal.engine.host.setup import WriteFile


def write(path: Path, content: str) -> None:
    apply(WriteFile(path=str(path), content=content, cause="a test"), lambda _: None)


def test_a_file_is_written_for_everybody_to_read_and_nothing_is_left_beside_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sources.list.d" / "qlocal-engine.sources"
    write(path, "URIs: http://mirror.example/debian\n")
    assert path.read_text() == "URIs: http://mirror.example/debian\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_what_an_interrupted_run_left_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "qlocal-engine"
    path.with_name("qlocal-engine.new").write_text("half")
    path.write_text("old")
    write(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_with_a_login_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "qlocal-engine.sources"
    write(path, "URIs: https://ada:pw@mirror.example/debian\n")
    assert path.stat().st_mode & 0o777 == 0o600
