"""`qlocal init`: what it proposes, and what it never does."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qlocal.cli.init import command
from qlocal.errors import ManifestError, Refused
from qlocal.manifest.parse import parse_manifest
from qlocal.manifest.propose import propose
from qlocal.operations.init import draft_manifest, write_manifest
from qlocal.operations.validate import validate
from qlocal.process import run as run_program


def invoke(folder: Path, *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(command, ["-C", str(folder), *arguments], input=answer)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "My Shop"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM node:13\nEXPOSE 3000\n")
    packages = {"dependencies": {"pg": "8", "ioredis": "5", "express": "4"}}
    (folder / "package.json").write_text(json.dumps(packages))
    return folder


def test_what_it_writes_passes_validate(shop: Path) -> None:
    result = invoke(shop, "--yes")
    assert (result.exit_code, result.stdout) == (0, ".qovery.yml\n")
    assert not validate((), str(shop)).problems
    manifest = parse_manifest((shop / ".qovery.yml").read_bytes(), "m").value
    assert manifest is not None
    assert manifest.application.name == "my-shop"
    assert [it.type for it in manifest.databases] == ["postgresql", "redis"]
    assert manifest.routers[0].routes[0].paths == ("/",)


def test_an_existing_manifest_is_never_touched(shop: Path) -> None:
    (shop / ".qovery.yml").write_text("mine\n")
    result = invoke(shop, "--yes")
    assert isinstance(result.exception, Refused)
    assert (shop / ".qovery.yml").read_text() == "mine\n"


def test_not_even_one_that_appears_between_question_and_answer(shop: Path) -> None:
    draft = draft_manifest(str(shop))
    (shop / ".qovery.yml").write_text("mine\n")
    with pytest.raises(Refused):
        write_manifest(draft)
    assert (shop / ".qovery.yml").read_text() == "mine\n"


def test_without_a_terminal_it_wants_to_be_told(shop: Path) -> None:
    result = invoke(shop)
    assert isinstance(result.exception, Refused)
    assert not (shop / ".qovery.yml").exists()


def test_the_repository_names_the_project_and_the_folder_the_application(tmp_path: Path) -> None:
    top, part = tmp_path / "clone", tmp_path / "clone" / "Web Part"
    part.mkdir(parents=True)
    for arguments in (["init", "-q"], ["remote", "add", "origin", "git@host:me/Shop.git"]):
        assert run_program(["git", "-C", str(top), *arguments]).ok
    assert "name: shop\n  project: shop\n" in draft_manifest(str(top)).text
    assert "name: web-part\n  project: shop\n" in draft_manifest(str(part)).text
    named = draft_manifest(str(top), name="api", project="store").text
    assert "name: api\n  project: store\n" in named


def test_an_impossible_name_is_refused_before_writing(shop: Path) -> None:
    result = invoke(shop, "--yes", "--name", "$(reboot)")
    assert isinstance(result.exception, ManifestError)
    assert not (shop / ".qovery.yml").exists()


def test_a_worker_gets_no_router(shop: Path) -> None:
    (shop / "Dockerfile").write_text("FROM node:13\n")
    draft = draft_manifest(str(shop))
    assert "routers" not in draft.text
    assert any("exposes no port" in reason for reason in draft.reasons)


def test_the_only_dockerfile_one_folder_down_is_named(shop: Path) -> None:
    (shop / "docker").mkdir()
    (shop / "Dockerfile").rename(shop / "docker" / "Dockerfile")
    assert "dockerfile: docker/Dockerfile" in draft_manifest(str(shop)).text


def test_without_a_dockerfile_it_says_how_to_write_one(shop: Path) -> None:
    (shop / "Dockerfile").unlink()
    result = invoke(shop, "--yes")
    assert result.exit_code == 0
    assert "`FROM` an image" in result.stderr


@pytest.mark.parametrize(
    ("file", "text", "types"),
    [
        ("package.json", '{"dependencies": {"mongoose": "6"}}', ["mongodb"]),
        ("package.json", '{"devDependencies": {"pg": "6"}}', []),
        ("package.json", '{"description": "uses pg and redis"}', []),
        ("package.json", "not json", []),
        ("package.json", "[" * 5_000, []),
        ("package.json", '{"dependencies": {"@elastic/elasticsearch": "8"}}', ["elasticsearch"]),
        ("requirements.txt", "Flask==2\npsycopg2-binary>=2.9\n# redis\n", ["postgresql"]),
        ("requirements.txt", "celery[redis]==5\npymongo[srv]\n", ["mongodb", "redis"]),
        ("pyproject.toml", 'dependencies = ["psycopg[binary]>=3"]\n', ["postgresql"]),
        ("pyproject.toml", '[tool.poetry.dependencies]\nredis = "^4"\n', ["redis"]),
        ("Pipfile", '[packages]\npymysql = "*"\n', ["mysql"]),
        ("go.mod", "require (\n\tgithub.com/jackc/pgx/v5 v5.1.0\n)\n", ["postgresql"]),
        ("go.mod", "require github.com/redis/go-redis/v9 v9.0.0\n", ["redis"]),
        ("Gemfile", "gem 'pg', '~> 1'\ngem \"sidekiq\"\n# gem 'mysql2'\n", ["postgresql", "redis"]),
        ("composer.json", '{"require": {"ext-pdo_mysql": "*", "php": "8"}}', ["mysql"]),
        ("pom.xml", "<groupId>org.postgresql</groupId><artifactId>x</artifactId>", ["postgresql"]),
        ("build.gradle", "implementation 'redis.clients:jedis:4.0'\n", ["redis"]),
        ("Cargo.toml", 'tokio-postgres = "0.7"\nlapin = "2"\n', ["postgresql", "rabbitmq"]),
        ("mix.exs", '{:postgrex, ">= 0.0.0"}', ["postgresql"]),
    ],
)  # fmt: skip
def test_a_dependency_speaks_for_a_type(file: str, text: str, types: list[str]) -> None:
    assert [it.type for it in propose({file: text})] == types
