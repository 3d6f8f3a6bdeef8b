"""What the image of Redis promises, asked of our stand-in and of the official one."""

from collections.abc import Iterator
from time import monotonic

import docker
import pytest
from docker.models.containers import Container

from qlocal.services import Credentials, Instance, catalogue
from tests.contract.image_contract import (
    KINDS,
    Place,
    Script,
    a_client,
    a_place,
    ask,
    fails,
    image_of,
)
from tests.eventually import eventually

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_required")]

SERVICE = catalogue()["redis"]
INSTANCE = Instance(
    name="cache",
    version="7",
    host="cache",
    port=6379,
    credentials=Credentials(username="default", password="pass", database="redis"),
)


@pytest.fixture(scope="module")
def client(engine_required: None) -> Iterator[docker.DockerClient]:
    with a_client() as found:
        yield found


@pytest.fixture
def place(client: docker.DockerClient) -> Iterator[Place]:
    with a_place(client) as made:
        yield made


@pytest.fixture(scope="module", params=KINDS)
def redis(request: pytest.FixtureRequest, client: docker.DockerClient) -> str:
    return image_of(client, "redis", request.param)


def redis_cli(container: Container, words: str) -> str:
    """Over the network, where protected mode counts, as another container would."""
    return ask(container, "sh", "-c", f'exec redis-cli -e -h "$(hostname -i)" {words}')


def ready(container: Container) -> Container:
    eventually(lambda: redis_cli(container, "ping") == "PONG")
    return container


def as_qlocal_starts_it(image: str, place: Place, *mounts: str) -> Container:
    command = SERVICE.command(INSTANCE)
    env = SERVICE.environment(INSTANCE)
    return ready(place.container(image, *command, env=env, volumes=list(mounts)))


def test_started_by_qlocal_it_wants_the_password_and_answers_the_probe(
    redis: str, place: Place
) -> None:
    made = as_qlocal_starts_it(redis, place)
    ask(made, *SERVICE.probe(INSTANCE).command)
    said = ask(made, "redis-cli", "get", "x", env={"REDISCLI_AUTH": ""})
    assert "NOAUTH" in said


def test_without_a_password_other_containers_may_connect(redis: str, place: Place) -> None:
    ready(place.container(redis))


def test_data_outlives_the_container(redis: str, place: Place) -> None:
    mount = f"{place.volume()}:/data"
    first = as_qlocal_starts_it(redis, place, mount)
    redis_cli(first, "set kept 1")
    first.stop()
    assert redis_cli(as_qlocal_starts_it(redis, place, mount), "get kept") == "1"


def test_appended_data_survives_a_kill(redis: str, place: Place) -> None:
    mount = [f"{place.volume()}:/data"]
    always = ("--appendonly", "yes", "--appendfsync", "always")
    first = ready(place.container(redis, *always, volumes=mount))
    redis_cli(first, "set kept 1")
    first.kill()
    again = ready(place.container(redis, *always, volumes=mount))
    assert redis_cli(again, "get kept") == "1"


def test_the_server_is_process_1_and_never_root(redis: str, place: Place) -> None:
    made = as_qlocal_starts_it(redis, place)
    assert ask(made, "sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline").startswith("redis-server")
    assert ask(made, "stat", "-c", "%U", "/proc/1") == "redis"


def test_data_somebody_else_owns_is_taken_over(redis: str, place: Place) -> None:
    mount = [f"{place.volume()}:/data"]
    code, said = place.finished(
        redis, "sh", "-c", "touch /data/x && chown -R 0:0 /data", volumes=mount
    )
    assert code == 0, said
    made = ready(place.container(redis, volumes=mount))
    assert ask(made, "stat", "-c", "%U", "/data", "/data/x").split() == ["redis", "redis"]


def test_options_alone_are_for_the_server(redis: str, place: Place) -> None:
    made = ready(place.container(redis, "--maxmemory", "7mb"))
    assert redis_cli(made, "config get maxmemory").split()[1] == str(7 * 1024 * 1024)


def test_a_file_alone_is_for_the_server_and_its_word_counts(redis: str, place: Place) -> None:
    content = b"maxmemory 7mb\nprotected-mode yes\n"
    file = Script(path="/etc/mine.conf", content=content)
    made = place.container(redis, "/etc/mine.conf", files=[file])
    eventually(lambda: ask(made, "redis-cli", "ping") == "PONG")
    assert ask(made, "redis-cli", "config", "get", "maxmemory").endswith(str(7 * 1024 * 1024))
    assert ask(made, "redis-cli", "config", "get", "protected-mode").endswith("yes")


def test_options_after_a_file_have_the_last_word(redis: str, place: Place) -> None:
    file = Script(path="/etc/mine.conf", content=b"maxmemory 7mb\n")
    words = ("redis-server", "/etc/mine.conf", "--maxmemory", "8mb")
    made = ready(place.container(redis, *words, files=[file]))
    assert redis_cli(made, "config get maxmemory").split()[1] == str(8 * 1024 * 1024)


def test_another_user_than_root_can_be_given(redis: str, place: Place) -> None:
    made = ready(place.container(redis, user="4711:4711"))
    assert ask(made, "stat", "-c", "%u", "/proc/1") == "4711"


def test_stopping_is_quick_clean_and_saves(redis: str, place: Place) -> None:
    mount = [f"{place.volume()}:/data"]
    first = ready(place.container(redis, "--save", "60", "1", volumes=mount))
    redis_cli(first, "set kept 1")
    begun = monotonic()
    first.stop(timeout=30)
    assert monotonic() - begun < 10
    assert first.wait()["StatusCode"] == 0
    again = ready(place.container(redis, volumes=mount))
    assert redis_cli(again, "get kept") == "1"


@pytest.mark.parametrize("command", ["redis-server --version", "redis-cli --version", "sh -c pwd"])
def test_any_other_command_runs(redis: str, place: Place, command: str) -> None:
    assert place.finished(redis, *command.split())[0] == 0


def test_programs_are_on_the_path(redis: str, place: Place) -> None:
    made = ready(place.container(redis))
    assert not fails(made, "redis-benchmark", "-n", "1", "-q")


def test_the_image_names_its_port_its_volume_and_its_folder(
    redis: str, client: docker.DockerClient
) -> None:
    config = client.images.get(redis).attrs["Config"]
    assert "6379/tcp" in config["ExposedPorts"]
    assert "/data" in config["Volumes"]
    assert config["WorkingDir"] == "/data"
