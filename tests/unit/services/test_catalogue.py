"""Every type, in tables: version → tag and data; URIs; what its container is given."""

import re

import pytest

from qlocal.services import Credentials, Instance, ServiceType, catalogue, numbers

SECRET = "Secret0123456789"
ALL = pytest.mark.parametrize("kind", catalogue().values(), ids=lambda kind: str(kind.type))


def instance(kind: ServiceType, version: str = "", name: str = "My-data") -> Instance:
    return Instance(
        name=name,
        version=version,
        host="my-data",
        port=kind.port,
        credentials=Credentials(
            username=kind.username,
            password=SECRET,
            database=kind.default_database.format(name=name),
        ),
    )


def test_every_type_the_platform_had_is_there() -> None:
    assert set(catalogue()) == {
        "postgresql", "mysql", "mariadb", "mongodb", "redis", "memcached", "elasticsearch",
        "rabbitmq", "kafka",
    }  # fmt: skip
    brokers = {name for name, kind in catalogue().items() if kind.section == "brokers"}
    assert brokers == {"rabbitmq", "kafka"}


TAGS = """
postgresql                       postgres:18             18
postgresql     latest            postgres:18             18
postgresql     12                postgres:12             12
postgresql     11.5              postgres:11.5           11
postgresql     11.8.0            postgres:11.8.0         11
postgresql     16-alpine         postgres:16-alpine      16
postgresql     9.6               postgres:9.6            9.6
postgresql     9                 postgres:9.6            9.6
postgresql     9.5               postgres:9.5            9.5
mysql                            mysql:8.0               8
mysql          8                 mysql:8.0               8
mysql          8.0               mysql:8.0               8
mysql          8.0.19            mysql:8.0.19            8
mysql          8.4               mysql:8.4               8
mysql          9                 mysql:9                 9
mysql          5.7               mysql:5.7               5.7
mysql          5.6               mysql:5.6               5.6
mysql          5                 mysql:5.7               5.7
mariadb                          mariadb:11.8            11.8
mariadb        10                mariadb:10.11           10.11
mariadb        11                mariadb:11.8            11.8
mariadb        10.5              mariadb:10.5            10.5
mariadb        10.5.8            mariadb:10.5.8          10.5
mongodb                          mongo:8.0               8.0
mongodb        4                 mongo:4.4               4.4
mongodb        4.2               mongo:4.2               4.2
mongodb        3.6               mongo:3.6               3.6
mongodb        4.4.6             mongo:4.4.6             4.4
redis                            redis:8                 8
redis          6                 redis:6                 6
redis          5.0               redis:5.0               5
redis          6.2-alpine        redis:6.2-alpine        6
memcached                        memcached:1.6           1
memcached      1                 memcached:1.6           1
memcached      1.5               memcached:1.5           1
elasticsearch                    elasticsearch:9.1.2     9
elasticsearch  7                 elasticsearch:7.17.28   7
elasticsearch  7.1               elasticsearch:7.1.1     7
elasticsearch  7.9               elasticsearch:7.9.3     7
elasticsearch  7.10.0            elasticsearch:7.10.0    7
elasticsearch  6.8               elasticsearch:6.8.23    6
elasticsearch  8.4               elasticsearch:8.4.0     8
elasticsearch  5.6               elasticsearch:5.6       5
elasticsearch  2.3               elasticsearch:2.3       2
rabbitmq                         rabbitmq:4.1            4.1
rabbitmq       4                 rabbitmq:4.1            4.1
rabbitmq       3                 rabbitmq:3.13           3.13
rabbitmq       3.8               rabbitmq:3.8            3.8
rabbitmq       3.8-management    rabbitmq:3.8-management 3.8
rabbitmq       3.8.16            rabbitmq:3.8.16         3.8
kafka                            apache/kafka:4.1.0      4
kafka          2.3               apache/kafka:3.7.2      3
kafka          2.8.1             apache/kafka:3.7.2      3
kafka          3                 apache/kafka:3.9.1      3
kafka          3.6               apache/kafka:3.7.2      3
kafka          3.7               apache/kafka:3.7.2      3
kafka          3.7.0             apache/kafka:3.7.0      3
kafka          3.8               apache/kafka:3.8.1      3
kafka          4                 apache/kafka:4.1.0      4
"""


@pytest.mark.parametrize(
    "row", TAGS.strip().splitlines(), ids=lambda row: "-".join(row.split()[:2])
)
def test_a_version_becomes_a_tag_and_says_which_data_it_reads(row: str) -> None:
    name, version, reference, data = re.split(r" +", row) if row[15] != " " else _without(row)
    kind = catalogue()[name]
    assert kind.reference(version) == reference
    assert kind.data_version(version) == data


def _without(row: str) -> list[str]:
    name, reference, data = row.split()
    return [name, "", reference, data]


@ALL
def test_what_really_runs_is_a_version_too(kind: ServiceType) -> None:
    """A stand-in's own version takes the place of the one asked for."""
    assert kind.tag(kind.tag("")) == kind.tag("")
    for version in kind.versions:
        tag = kind.tag(version)
        assert kind.data_version(tag) == kind.data_version(version)
        assert numbers(tag)[: len(numbers(version))] == numbers(version) or kind.type == "kafka"


DATA = """
postgresql     17     /var/lib/postgresql/data
postgresql     9.6    /var/lib/postgresql/data
postgresql     17-alpine /var/lib/postgresql/data
postgresql     18     /var/lib/postgresql
postgresql     18.1-alpine /var/lib/postgresql
mysql          5.7    /var/lib/mysql
mariadb        10.5   /var/lib/mysql
mongodb        4.4    /data/db
redis          6      /data
elasticsearch  7.1.1  /usr/share/elasticsearch/data
rabbitmq       3.8    /var/lib/rabbitmq
kafka          3.7.2  /var/lib/kafka/data
"""


@pytest.mark.parametrize("row", DATA.strip().splitlines())
def test_data_lies_where_the_image_of_that_version_keeps_it(row: str) -> None:
    name, version, path = row.split()
    data_path = catalogue()[name].data_path
    assert data_path
    assert data_path(version) == path


def test_only_a_cache_keeps_nothing() -> None:
    assert [name for name, kind in catalogue().items() if not kind.data_path] == ["memcached"]


URIS = """
postgresql     12   postgresql://superuser:{}@my-data:5432/postgres
mysql          8.0  mysql://root:{}@my-data:3306/My-data
mariadb        10   mysql://root:{}@my-data:3306/My-data
mongodb        4.4  mongodb://superuser:{}@my-data:27017/mongodb?authSource=admin
redis          6    redis://:{}@my-data:6379
memcached      1.6  memcached://my-data:11211
elasticsearch  9.1  http://elastic:{}@my-data:9200
elasticsearch  7.1  http://elastic:{}@my-data:9200
elasticsearch  6.8  http://elastic:{}@my-data:9200
elasticsearch  7.0  http://my-data:9200
elasticsearch  6.7  http://my-data:9200
elasticsearch  2.3  http://my-data:9200
rabbitmq       3.8  amqp://superuser:{}@my-data:5672/
kafka          2.3  kafka://my-data:9092
"""


@pytest.mark.parametrize("row", URIS.strip().splitlines())
def test_the_uri_is_what_drivers_take(row: str) -> None:
    name, version, uri = row.split()
    kind = catalogue()[name]
    it = instance(kind, version)
    assert kind.uri(it) == uri.format(SECRET)
    bare = kind.uri_without_credentials(it)
    assert bare == re.sub(r"//[^@/]*@", "//", uri)
    assert kind.has_login(version) == (bare != kind.uri(it))


@ALL
def test_nothing_that_shows_in_arguments_holds_the_password(kind: ServiceType) -> None:
    for version in kind.versions:
        it = instance(kind, version)
        words = [*kind.command(it), *kind.probe(it).command]
        for command in (kind.client, kind.dump, kind.restore):
            words += command(it) if command else ()
        assert SECRET not in " ".join(words)


@ALL
def test_who_must_log_in_finds_the_password_in_the_environment(kind: ServiceType) -> None:
    for version in kind.versions:
        found = kind.environment(instance(kind, version)).values()
        assert (SECRET in found) == kind.has_login(version), version


@ALL
def test_a_type_is_complete(kind: ServiceType) -> None:
    assert kind.client
    assert (kind.dump is None) == (kind.restore is None)
    assert kind.stop_grace >= 5
    assert kind.probe(instance(kind)).patience >= 60
    assert kind.requested("latest") == kind.requested("") == kind.versions[0]
    assert kind.requested("1.2") == "1.2"


def test_elasticsearch_asks_for_a_password_exactly_where_that_is_free() -> None:
    kind = catalogue()["elasticsearch"]
    asks = {version: kind.has_login(version) for version in ("5.6", "6.7", "6.8", "7.0", "7.1")}
    assert asks == {"5.6": False, "6.7": False, "6.8": True, "7.0": False, "7.1": True}
    found = kind.environment(instance(kind, "8"))
    assert found["xpack.security.http.ssl.enabled"] == "false"
    assert "ELASTIC_PASSWORD" not in kind.environment(instance(kind, "2.3"))


def test_mysql_8_checks_passwords_as_drivers_of_its_time_can() -> None:
    kind = catalogue()["mysql"]
    native = "--default-authentication-plugin=mysql_native_password"
    assert native in kind.command(instance(kind, "8"))
    assert native in kind.command(instance(kind, "8.0.19"))
    assert kind.command(instance(kind, "5.7")) == ()
    assert kind.command(instance(kind, "8.4")) == ()


def test_a_rabbitmq_node_has_a_name_of_its_own() -> None:
    kind = catalogue()["rabbitmq"]
    assert kind.environment(instance(kind))["RABBITMQ_NODENAME"] == "rabbit@localhost"


def test_kafka_sends_its_clients_to_the_name_they_know_it_by() -> None:
    kind = catalogue()["kafka"]
    found = kind.environment(instance(kind))
    assert found["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://my-data:9092"


@pytest.mark.parametrize(
    ("version", "expected"),
    [("", ()), ("latest", ()), ("12", (12,)), ("8.0.19-debian", (8, 0, 19)), ("alpine", ())],
)
def test_the_leading_numbers_of_a_version(version: str, expected: tuple[int, ...]) -> None:
    assert numbers(version) == expected
