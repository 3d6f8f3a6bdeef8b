"""What our stand-ins for the images of RabbitMQ and Memcached promise."""

from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from qlocal.engine.stand_in import build_stand_in
from qlocal.services import Credentials, Instance, catalogue
from tests.contract.image_contract import Place, Script, a_client, a_place, ask, fails
from tests.eventually import eventually

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_required")]

PRINTABLE = "".join(chr(code) for code in range(32, 127))
SERVICE = catalogue()["rabbitmq"]
INSTANCE = Instance(
    name="queue",
    version="3",
    host="queue",
    port=5672,
    credentials=Credentials(username="ann", password="pass", database="/"),
)
ENVIRONMENT = dict(SERVICE.environment(INSTANCE))
DATA = "/var/lib/rabbitmq"


@pytest.fixture(scope="module")
def client(engine_required: None) -> Iterator[docker.DockerClient]:
    with a_client() as found:
        yield found


@pytest.fixture
def place(client: docker.DockerClient) -> Iterator[Place]:
    with a_place(client) as made:
        yield made


@pytest.fixture(scope="module")
def rabbitmq(client: docker.DockerClient) -> str:
    return build_stand_in(client, "rabbitmq:3", "rabbitmq", print).reference


def ready(container: Container) -> Container:
    probe = SERVICE.probe(INSTANCE).command
    eventually(lambda: not fails(container, *probe), timeout=60)
    return container


def test_a_first_start_cut_short_is_started_over(rabbitmq: str, place: Place) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    first = place.container(rabbitmq, env=ENVIRONMENT, volumes=mount)
    eventually(lambda: not fails(first, "test", "-d", f"{DATA}/mnesia/rabbit@localhost"))
    assert not fails(first, "test", "-e", f"{DATA}/.qlocal-first-start")
    first.kill()
    again = ready(place.container(rabbitmq, env=ENVIRONMENT, volumes=mount))
    assert fails(again, "test", "-e", f"{DATA}/.qlocal-first-start")


def test_a_password_may_hold_any_printable_character_and_come_from_a_file(
    rabbitmq: str, place: Place
) -> None:
    env = {name: value for name, value in ENVIRONMENT.items() if not name.endswith("_PASS")}
    env["RABBITMQ_DEFAULT_PASS_FILE"] = "/run/password"
    file = Script(path="/run/password", content=PRINTABLE.encode(), mode=0o400)
    made = place.container(rabbitmq, env=env, files=[file])
    probe = SERVICE.probe(INSTANCE).command
    right = {"RABBITMQ_DEFAULT_PASS": PRINTABLE}
    eventually(lambda: not fails(made, *probe, env=right), timeout=60)
    assert fails(made, *probe, env={"RABBITMQ_DEFAULT_PASS": PRINTABLE[:-1]})
    assert ask(made, "stat", "-c", "%U", "/proc/1") == "rabbitmq"


def test_other_commands_run_without_a_node(rabbitmq: str, place: Place) -> None:
    assert place.finished(rabbitmq, "rabbitmqctl", "version")[0] == 0
    assert place.finished(rabbitmq, "sh", "-c", "id -u") == (0, "0\n")


def test_memcached_takes_options_alone_and_never_runs_as_root(
    client: docker.DockerClient, place: Place
) -> None:
    image = build_stand_in(client, "memcached:1", "memcached", print).reference
    made = place.container(image, "-m", "7")
    eventually(lambda: not fails(made, *catalogue()["memcached"].probe(INSTANCE).command))
    line = ask(made, "sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline; stat -c %U /proc/1")
    assert line.split() == ["memcached", "-m", "7", "memcache"]
