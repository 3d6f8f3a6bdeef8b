"""What the image of PostgreSQL promises, asked of our stand-in and of the official one.

A first start that is cut short is started over: a promise of ours alone.
"""

import gzip
import shlex
import uuid
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
    logs,
)
from tests.eventually import eventually

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_required")]

PRINTABLE = "".join(chr(code) for code in range(32, 127))
DATA = "/var/lib/postgresql/data"
LOGIN = {"POSTGRES_USER": "ann", "POSTGRES_PASSWORD": "pass", "POSTGRES_DB": "shop"}


def query(
    container: Container,
    sql: str,
    *,
    user: str = "ann",
    password: str = "pass",
    database: str = "shop",
) -> str:
    """Over the network, where the password counts, as another container would."""
    login = 'exec psql -h "$(hostname -i)" -qtAX -v ON_ERROR_STOP=1 -c "$SQL"'
    env = {"PGUSER": user, "PGPASSWORD": password, "PGDATABASE": database, "SQL": sql}
    return ask(container, "sh", "-c", login, env=env)


def ready(container: Container, **login: str) -> Container:
    def settled() -> bool:
        container.reload()
        return container.status == "exited" or query(container, "select 1", **login) == "1"

    try:
        eventually(settled, timeout=60)
    except AssertionError as error:
        error.add_note(logs(container))
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


@pytest.fixture(scope="module", params=KINDS)
def postgres(request: pytest.FixtureRequest, client: docker.DockerClient) -> str:
    return image_of(client, "postgresql", request.param)


@pytest.fixture(scope="module")
def stand_in(client: docker.DockerClient) -> str:
    return image_of(client, "postgresql", "stand-in")


@pytest.fixture(scope="module")
def server(postgres: str, client: docker.DockerClient) -> Iterator[Container]:
    """A server that tests only look at."""
    with a_place(client) as place:
        yield ready(place.container(postgres, "postgres", "-c", "shared_buffers=24MB", env=LOGIN))


def test_an_empty_volume_becomes_a_database_of_the_user_with_the_password(
    postgres: str, place: Place
) -> None:
    made = place.container(postgres, env=LOGIN, volumes=[f"{place.volume()}:{DATA}"])
    ready(made)
    assert query(made, "select current_user, current_database(), usesuper from pg_user") == (
        "ann|shop|t"
    )


def test_without_names_both_are_postgres(postgres: str, place: Place) -> None:
    made = place.container(postgres, env={"POSTGRES_PASSWORD": "pass"})
    ready(made, user="postgres", database="postgres")


def test_the_database_is_named_after_the_user_when_nothing_else_is_said(
    postgres: str, place: Place
) -> None:
    made = place.container(postgres, env={"POSTGRES_PASSWORD": "p", "POSTGRES_USER": "o-Neil 1"})
    ready(made, user="o-Neil 1", password="p", database="o-Neil 1")


def test_a_database_may_be_called_anything(postgres: str, place: Place) -> None:
    name = 'the "best" $HOP\'s \\ 100%'
    ready(place.container(postgres, env={**LOGIN, "POSTGRES_DB": name}), database=name)


def test_a_password_may_hold_any_printable_character(postgres: str, place: Place) -> None:
    made = place.container(postgres, env={**LOGIN, "POSTGRES_PASSWORD": PRINTABLE})
    ready(made, password=PRINTABLE)
    assert fails(
        made, "sh", "-c", "psql -h $(hostname -i) -U ann shop", env={"PGPASSWORD": PRINTABLE[:-1]}
    )


def test_secrets_may_come_from_files_only_root_can_read(postgres: str, place: Place) -> None:
    files = [
        Script(path="/run/user", content=b"ann\n", mode=0o400),
        Script(path="/run/password", content=b"p a's$s\n", mode=0o400),
        Script(path="/run/database", content=b"shop\n", mode=0o400),
    ]
    env = {
        "POSTGRES_USER_FILE": "/run/user",
        "POSTGRES_PASSWORD_FILE": "/run/password",
        "POSTGRES_DB_FILE": "/run/database",
    }
    ready(place.container(postgres, env=env, files=files), password="p a's$s")


def test_a_variable_and_its_file_together_are_refused(postgres: str, place: Place) -> None:
    file = Script(path="/run/password", content=b"other")
    env = {**LOGIN, "POSTGRES_PASSWORD_FILE": "/run/password"}
    code, said = place.finished(postgres, env=env, files=[file])
    assert code == 1
    assert "POSTGRES_PASSWORD_FILE" in said


def test_a_first_start_without_a_password_is_refused(postgres: str, place: Place) -> None:
    code, said = place.finished(postgres, env={"POSTGRES_USER": "ann"})
    assert code == 1
    assert "POSTGRES_PASSWORD" in said


def test_trust_lets_everybody_in_without_a_password(postgres: str, place: Place) -> None:
    env = {"POSTGRES_HOST_AUTH_METHOD": "trust"}
    made = place.container(postgres, env=env)
    ready(made, user="postgres", password="whatever", database="postgres")


def test_the_way_of_checking_passwords_can_be_chosen(postgres: str, place: Place) -> None:
    env = {
        **LOGIN,
        "POSTGRES_HOST_AUTH_METHOD": "md5",
        "POSTGRES_INITDB_ARGS": "--auth-host=md5 --data-checksums",
    }
    made = ready(place.container(postgres, env=env))
    assert query(made, "show data_checksums") == "on"
    assert query(made, "select auth_method from pg_hba_file_rules where address = 'all'") == "md5"


def test_data_outlives_the_container_and_is_not_made_again(postgres: str, place: Place) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    script = init_file("count.sql", "create table starts (at timestamptz default now());")
    first = ready(place.container(postgres, env=LOGIN, volumes=mount, files=[script]))
    query(first, "insert into starts default values")
    first.stop()
    env = {**LOGIN, "POSTGRES_PASSWORD": "of no interest any more"}
    again = ready(place.container(postgres, env=env, volumes=mount, files=[script]))
    assert query(again, "select count(*) from starts") == "1"


def test_data_survives_a_kill(postgres: str, place: Place) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    first = ready(place.container(postgres, env=LOGIN, volumes=mount))
    query(first, "create table kept (it int); insert into kept values (1)")
    first.kill()
    again = ready(place.container(postgres, env=LOGIN, volumes=mount))
    assert query(again, "select it from kept") == "1"


def test_init_files_run_once_in_order_and_with_nobody_else_connected(
    postgres: str, place: Place
) -> None:
    files = [
        init_file("1.sql", "create table steps (name text); insert into steps values ('sql');"),
        init_file("2.sql.gz", gzip.compress(b"insert into steps values ('gz');")),
        init_file(
            "3.sh", "sourced=yes; echo \"insert into steps values ('sourced')\" | psql -U ann shop"
        ),
        init_file(
            "4.sh",
            "#!/bin/bash\nset -eu\n[ -z ${sourced:-} ] || exit 1\n"
            'if pg_isready -h 127.0.0.1 || pg_isready -h "$(hostname -i)"; then exit 1; fi\n'
            "psql -U ann -c \"insert into steps values ('executed')\" shop\n",
            0o755,
        ),
        init_file("5.txt", "not for running"),
    ]
    made = ready(place.container(postgres, env=LOGIN, files=files))
    assert query(made, "select string_agg(name, ' ') from steps") == "sql gz sourced executed"


def test_a_failing_init_file_ends_the_start(postgres: str, place: Place) -> None:
    code, said = place.finished(postgres, env=LOGIN, files=[init_file("1.sql", "select nonsense;")])
    assert code != 0
    assert "nonsense" in said


def test_a_directory_that_is_not_empty_is_refused_and_left_alone(
    postgres: str, place: Place
) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    file = Script(path=f"{DATA}/precious", content=b"mine")
    code, _ = place.finished(postgres, env=LOGIN, volumes=mount, files=[file])
    assert code == 1
    code, said = place.finished(postgres, "cat", f"{DATA}/precious", volumes=mount)
    assert (code, said) == (0, "mine")


def test_a_first_start_cut_short_in_initdb_is_started_over(stand_in: str, place: Place) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    first = place.container(stand_in, env=LOGIN, volumes=mount)
    eventually(lambda: any("initdb" in " ".join(row) for row in first.top()["Processes"]))
    first.kill()
    ready(place.container(stand_in, env=LOGIN, volumes=mount))


def test_a_first_start_cut_short_in_an_init_file_is_started_over(
    stand_in: str, place: Place
) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    table = init_file("1.sql", "create table once (it int); insert into once values (1);")
    endless = init_file("2.sh", "touch /tmp/reached; tail -f /dev/null")
    first = place.container(stand_in, env=LOGIN, volumes=mount, files=[table, endless])
    eventually(lambda: not fails(first, "test", "-e", "/tmp/reached"))
    first.kill()
    again = ready(place.container(stand_in, env=LOGIN, volumes=mount, files=[table]))
    assert query(again, "select count(*) from once") == "1"


def test_a_second_server_on_the_same_data_is_refused(stand_in: str, place: Place) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    slow = init_file("1.sh", "touch /tmp/reached; until [ -e /tmp/go ]; do sleep 0.05; done")
    table = init_file("2.sql", "create table once (it int);")
    first = place.container(stand_in, env=LOGIN, volumes=mount, files=[slow, table])
    eventually(lambda: not fails(first, "test", "-e", "/tmp/reached"))
    assert place.finished(stand_in, env=LOGIN, volumes=mount)[0] == 1
    ask(first, "touch", "/tmp/go")
    ready(first)
    assert place.finished(stand_in, env=LOGIN, volumes=mount)[0] == 1
    assert query(first, "select count(*) from once") == "0"
    first.kill()
    ready(place.container(stand_in, env=LOGIN, volumes=mount))


def test_a_failed_init_file_can_be_repaired_and_started_over(stand_in: str, place: Place) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    wrong = init_file("1.sql", "create table shelf (it int); select nonsense;")
    assert place.finished(stand_in, env=LOGIN, volumes=mount, files=[wrong])[0] != 0
    right = init_file("1.sql", "create table shelf (it int);")
    made = ready(place.container(stand_in, env=LOGIN, volumes=mount, files=[right]))
    assert query(made, "select count(*) from shelf") == "0"


def test_the_server_is_process_1_without_root_and_takes_arguments(server: Container) -> None:
    line, user = ask(
        server, "sh", "-c", "tr '\\0' ' ' < /proc/1/cmdline; stat -c ' %U' /proc/1"
    ).rsplit(" ", 1)
    assert line.startswith("postgres -c shared_buffers=24MB")
    assert user == "postgres"
    assert query(server, "show shared_buffers") == "24MB"


def test_options_alone_are_for_the_server(postgres: str, place: Place) -> None:
    made = ready(place.container(postgres, "-c", "max_connections=17", env=LOGIN))
    assert query(made, "show max_connections") == "17"


def test_no_argument_of_any_process_ever_holds_the_password(postgres: str, place: Place) -> None:
    secret = uuid.uuid4().hex
    seen: list[str] = []
    made = place.container(postgres, env={**LOGIN, "POSTGRES_PASSWORD": secret})

    def up() -> bool:
        seen.extend(" ".join(row) for row in made.top(ps_args="-eo pid,args")["Processes"])
        return not fails(made, "pg_isready", "-h", "127.0.0.1")

    eventually(up)
    assert any("postgres" in line for line in seen)
    assert not [line for line in seen if secret in line]


def test_text_is_utf8_and_sorts_as_in_english(server: Container) -> None:
    assert query(server, "show server_encoding") == "UTF8"
    words = "select string_agg(it, '' order by it) from unnest('{b,A,é,f,C}'::text[]) it"
    assert query(server, words) == "AbCéf"


def test_the_clients_are_on_the_path(server: Container) -> None:
    for program in (
        "psql",
        "pg_isready",
        "pg_dump",
        "pg_restore",
        "pg_dumpall",
        "initdb",
        "pg_ctl",
    ):
        assert "PostgreSQL" in ask(server, program, "--version")


def test_a_dump_can_be_taken_and_restored(server: Container) -> None:
    steps = (
        "create database copy;",
        "create table things (it int); insert into things values (7);",
    )
    for step in steps:
        query(server, step)
    ask(server, "sh", "-c", "pg_dump -U ann -Fc shop | pg_restore -U ann -d copy")
    assert query(server, "select it from things", database="copy") == "7"


def test_the_probe_of_qlocal_succeeds(server: Container) -> None:
    service = catalogue()["postgresql"]
    instance = Instance(
        name="db",
        version="15",
        host="db",
        port=5432,
        credentials=Credentials(username="ann", password="pass", database="shop"),
    )
    ask(server, *service.probe(instance).command)


def test_stopping_is_quick_and_clean_with_clients_connected(postgres: str, place: Place) -> None:
    made = ready(place.container(postgres, env=LOGIN))
    made.exec_run(["psql", "-U", "ann", "shop", "-c", "select pg_sleep(600)"], detach=True)
    eventually(lambda: query(made, "select count(*) from pg_stat_activity where query ~ 'sleep'"))
    begun = monotonic()
    made.stop(timeout=30)
    assert monotonic() - begun < 10
    assert made.wait()["StatusCode"] == 0


def test_a_stop_in_the_middle_of_the_first_start_is_obeyed(stand_in: str, place: Place) -> None:
    slow = init_file("1.sh", "touch /tmp/reached; for _ in $(seq 600); do sleep 0.1; done")
    made = place.container(stand_in, env=LOGIN, files=[slow])
    eventually(lambda: not fails(made, "test", "-e", "/tmp/reached"))
    begun = monotonic()
    made.stop(timeout=30)
    assert monotonic() - begun < 10


def test_another_user_than_root_can_be_given(postgres: str, place: Place) -> None:
    mount = [f"{place.volume()}:{DATA}"]
    ready(place.container(postgres, env=LOGIN, volumes=mount, user="postgres"))


def test_even_a_user_without_a_name_can_be_given(postgres: str, place: Place) -> None:
    env = {**LOGIN, "PGDATA": f"{DATA}/inner"}
    made = ready(place.container(postgres, env=env, user="4711:4711"))
    assert ask(made, "stat", "-c", "%u", f"{DATA}/inner") == "4711"


def test_a_volume_one_folder_higher_holds_the_data(stand_in: str, place: Place) -> None:
    mount = [f"{place.volume()}:/var/lib/postgresql"]
    first = ready(place.container(stand_in, env=LOGIN, volumes=mount))
    query(first, "create table kept (it int)")
    first.remove(force=True, v=True)
    again = ready(place.container(stand_in, env=LOGIN, volumes=mount))
    assert query(again, "select count(*) from kept") == "0"


def test_the_write_ahead_log_may_live_elsewhere(postgres: str, place: Place) -> None:
    env = {**LOGIN, "POSTGRES_INITDB_WALDIR": "/var/lib/postgresql/wal"}
    made = ready(place.container(postgres, env=env))
    assert ask(made, "readlink", f"{DATA}/pg_wal") == "/var/lib/postgresql/wal"


@pytest.mark.parametrize("command", ["psql --version", "postgres --version", "bash -c 'id -u'"])
def test_any_other_command_runs_without_a_database(
    postgres: str, place: Place, command: str
) -> None:
    assert place.finished(postgres, *shlex.split(command))[0] == 0


def test_the_image_names_its_port_and_how_to_stop_it(
    postgres: str, client: docker.DockerClient
) -> None:
    config = client.images.get(postgres).attrs["Config"]
    assert "5432/tcp" in config["ExposedPorts"]
    assert config["StopSignal"] == "SIGINT"
    assert f"PGDATA={DATA}" in config["Env"]
