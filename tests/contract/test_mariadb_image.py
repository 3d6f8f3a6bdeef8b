"""What our stand-in for the image of MariaDB promises."""

import gzip
from collections.abc import Iterator
from time import monotonic

import docker
import pytest
from docker.models.containers import Container

from qlocal.engine.stand_in import build_stand_in
from tests.contract.image_contract import Place, Script, a_client, a_place, ask, fails, logs
from tests.eventually import eventually

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_required")]

PRINTABLE = "".join(chr(code) for code in range(32, 127))
DATA = "/var/lib/mysql"
LOGIN = {
    "MARIADB_ROOT_PASSWORD": "top",
    "MARIADB_USER": "ann",
    "MARIADB_PASSWORD": "pass",
    "MARIADB_DATABASE": "shop",
    "MARIADB_INITDB_SKIP_TZINFO": "1",
}


def query(
    container: Container,
    sql: str,
    *,
    user: str = "ann",
    password: str = "pass",
    database: str = "shop",
) -> str:
    """Over the network, as another container would."""
    login = 'exec mariadb -h "$(hostname -i)" -u "$LOGIN" -D "$NAME" -N --batch -e "$SQL"'
    env = {"LOGIN": user, "MYSQL_PWD": password, "NAME": database, "SQL": sql}
    return ask(container, "sh", "-c", login, env=env)


def ready(container: Container, **login: str) -> Container:
    def settled() -> bool:
        container.reload()
        return container.status == "exited" or query(container, "select 1", **login) == "1"

    try:
        eventually(settled, timeout=60)
    except AssertionError as error:
        error.add_note(logs(container)[-3000:])
        raise
    assert container.status == "running", logs(container)
    return container


def init_file(name: str, content: str | bytes, mode: int = 0o644) -> Script:
    raw = content.encode() if isinstance(content, str) else content
    return Script(path=f"/docker-entrypoint-initdb.d/{name}", content=raw, mode=mode)


@pytest.fixture(scope="module")
def client(engine_required: None) -> Iterator[docker.DockerClient]:
    with a_client() as found:
        yield found


@pytest.fixture
def place(client: docker.DockerClient) -> Iterator[Place]:
    with a_place(client) as made:
        yield made


@pytest.fixture(scope="module")
def mariadb(client: docker.DockerClient) -> str:
    return build_stand_in(client, "mariadb:10.11", "mariadb", print).reference


def test_user_database_and_root_are_made_and_the_server_is_process_1_without_root(
    mariadb: str, place: Place
) -> None:
    made = ready(place.container(mariadb, env=LOGIN))
    assert query(made, "select current_user(), database()").split() == ["ann@%", "shop"]
    grants = query(made, "select count(*) from mysql.user", user="root", password="top")
    assert int(grants) >= 3
    assert "shop" in query(made, "show grants for ann", user="root", password="top")
    assert fails(made, "mariadb", "-u", "root", "-e", "select 1")
    line = ask(made, "sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline; stat -c %U /proc/1")
    assert line.split() == ["mariadbd", "mysql"]


def test_the_older_names_of_the_variables_do_as_well(mariadb: str, place: Place) -> None:
    env = {name.replace("MARIADB", "MYSQL"): value for name, value in LOGIN.items()}
    ready(place.container(mariadb, env=env))


def test_passwords_and_names_may_hold_any_printable_character(mariadb: str, place: Place) -> None:
    name = 'the "best" $HOP\'s \\ `100%` _a'
    env = {
        **LOGIN,
        "MARIADB_PASSWORD": PRINTABLE,
        "MARIADB_ROOT_PASSWORD": PRINTABLE[::-1],
        "MARIADB_DATABASE": name,
    }
    made = ready(place.container(mariadb, env=env), password=PRINTABLE, database=name)
    query(made, "create table things (it int)", password=PRINTABLE, database=name)
    query(made, "select 1", user="root", password=PRINTABLE[::-1], database=name)


def test_secrets_may_come_from_files_only_root_can_read(mariadb: str, place: Place) -> None:
    files = [
        Script(path="/run/root", content=b"top\n", mode=0o400),
        Script(path="/run/password", content=b"p a's$s\n", mode=0o400),
    ]
    env = {
        "MARIADB_ROOT_PASSWORD_FILE": "/run/root",
        "MYSQL_PASSWORD_FILE": "/run/password",
        "MARIADB_USER": "ann",
        "MYSQL_DATABASE": "shop",
        "MARIADB_INITDB_SKIP_TZINFO": "1",
    }
    ready(place.container(mariadb, env=env, files=files), password="p a's$s")


@pytest.mark.parametrize(
    ("env", "word"),
    [
        ({"MARIADB_USER": "ann"}, "MARIADB_ROOT_PASSWORD"),
        ({**LOGIN, "MARIADB_PASSWORD_FILE": "/run/password"}, "MARIADB_PASSWORD_FILE"),
        ({**LOGIN, "MARIADB_USER": "root"}, "MARIADB_USER"),
    ],
)
def test_what_cannot_be_is_refused(
    mariadb: str, place: Place, env: dict[str, str], word: str
) -> None:
    file = Script(path="/run/password", content=b"other")
    code, said = place.finished(mariadb, env=env, files=[file])
    assert code == 1
    assert word in said


def test_init_files_run_once_in_order_and_data_is_not_made_again(
    mariadb: str, place: Place
) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    files = [
        init_file("1.sql", "create table steps (n serial, name text);"),
        init_file("2.sql.gz", gzip.compress(b"insert into steps (name) values ('gz');")),
        init_file("3.sh", "echo \"insert into steps (name) values ('sh')\" | docker_process_sql"),
        init_file(
            "4.sh",
            "#!/bin/bash\nif mariadb-admin -h 127.0.0.1 ping 2> /dev/null; then exit 1; fi\n",
            0o755,
        ),
        init_file("5.txt", "not for running"),
    ]
    first = ready(place.container(mariadb, env=LOGIN, volumes=mount, files=files))
    words = "select group_concat(name order by n separator ' ') from steps"
    assert query(first, words) == "gz sh"
    first.stop()
    env = {**LOGIN, "MARIADB_ROOT_PASSWORD": "of no interest any more"}
    again = ready(place.container(mariadb, env=env, volumes=mount, files=files))
    assert query(again, words) == "gz sh"


def test_a_first_start_cut_short_is_started_over(mariadb: str, place: Place) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    table = init_file("1.sql", "create table once (it int); insert into once values (1);")
    endless = init_file("2.sh", "touch /tmp/reached; tail -f /dev/null")
    first = place.container(mariadb, env=LOGIN, volumes=mount, files=[table, endless])
    eventually(lambda: not fails(first, "test", "-e", "/tmp/reached"), timeout=60)
    first.kill()
    again = ready(place.container(mariadb, env=LOGIN, volumes=mount, files=[table]))
    assert query(again, "select count(*) from once") == "1"


def test_even_cut_short_while_files_are_made(mariadb: str, place: Place) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    first = place.container(mariadb, env=LOGIN, volumes=mount)
    eventually(lambda: not fails(first, "test", "-d", f"{DATA}/mysql"), timeout=60)
    first.kill()
    ready(place.container(mariadb, env=LOGIN, volumes=mount))


def test_a_failing_init_file_ends_the_start(mariadb: str, place: Place) -> None:
    wrong = [init_file("1.sql", "select nonsense;")]
    code, said = place.finished(mariadb, env=LOGIN, files=wrong)
    assert code != 0
    assert "nonsense" in said


def test_a_directory_that_is_not_empty_is_refused_and_left_alone(
    mariadb: str, place: Place
) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    file = Script(path=f"{DATA}/precious", content=b"mine")
    code, _ = place.finished(mariadb, env=LOGIN, volumes=mount, files=[file])
    assert code == 1
    assert place.finished(mariadb, "cat", f"{DATA}/precious", volumes=mount) == (0, "mine")


def test_no_argument_of_any_process_ever_holds_a_password(mariadb: str, place: Place) -> None:
    env = {**LOGIN, "MARIADB_ROOT_PASSWORD": "canary-root", "MARIADB_PASSWORD": "canary-user"}
    seen: list[str] = []
    made = place.container(mariadb, env=env)

    def up() -> bool:
        seen.extend(" ".join(row) for row in made.top(ps_args="-eo pid,args")["Processes"])
        return query(made, "select 1", password="canary-user") == "1"

    eventually(up, timeout=60)
    assert any("mariadb" in line for line in seen)
    assert not [line for line in seen if "canary" in line]


def test_named_time_zones_are_known(mariadb: str, place: Place) -> None:
    env = {**LOGIN, "MARIADB_INITDB_SKIP_TZINFO": ""}
    made = ready(place.container(mariadb, env=env))
    words = "select convert_tz('2021-07-01 12:00:00', 'UTC', 'Europe/Paris')"
    assert query(made, words) == "2021-07-01 14:00:00"


def test_a_stop_in_the_middle_of_the_first_start_is_obeyed(mariadb: str, place: Place) -> None:
    slow = init_file("1.sh", "touch /tmp/reached; for _ in $(seq 600); do sleep 0.1; done")
    made = place.container(mariadb, env=LOGIN, files=[slow])
    eventually(lambda: not fails(made, "test", "-e", "/tmp/reached"), timeout=60)
    begun = monotonic()
    made.stop(timeout=30)
    assert monotonic() - begun < 10


def test_options_alone_are_for_the_server_and_other_commands_run(
    mariadb: str, place: Place
) -> None:
    made = ready(place.container(mariadb, "--max-connections=17", env=LOGIN))
    assert query(made, "select @@max_connections") == "17"
    assert place.finished(mariadb, "mariadbd", "--version")[0] == 0
    assert place.finished(mariadb, "sh", "-c", "id -u") == (0, "0\n")
