"""What a repository's files say about the databases and brokers it needs; for `qlocal init`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

DEPENDENCY_FILES = (
    "package.json",
    "requirements.txt",
    "pyproject.toml",
    "Pipfile",
    "setup.py",
    "setup.cfg",
    "go.mod",
    "Gemfile",
    "composer.json",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Cargo.toml",
    "mix.exs",
)
"""Where dependencies are declared, in the folder of the application."""

_PACKAGES: dict[str, str] = {
    "postgresql": (
        "psycopg psycopg2 psycopg2-binary psycopg-binary asyncpg pg8000 aiopg pg pg-promise "
        "postgres pgx postgrex tokio-postgres org.postgresql ext-pdo_pgsql ext-pgsql "
        "gorm.io/driver/postgres github.com/lib/pq github.com/jackc/pgx github.com/go-pg/pg"
    ),
    "mysql": (
        "mysql mysql2 pymysql mysqlclient aiomysql mysql-connector-python mysql-connector-java "
        "mysql-connector-j myxql ext-mysqli ext-pdo_mysql gorm.io/driver/mysql "
        "github.com/go-sql-driver/mysql"
    ),
    "mongodb": (
        "mongoose mongodb pymongo motor mongoengine mongoid mongo djongo beanie ext-mongodb "
        "mongodb/mongodb go.mongodb.org/mongo-driver spring-boot-starter-data-mongodb"
    ),
    "redis": (
        "redis ioredis aioredis django-redis jedis lettuce-core bull bullmq connect-redis sidekiq "
        "resque rq predis/predis ext-redis redix github.com/go-redis/redis "
        "github.com/redis/go-redis github.com/gomodule/redigo spring-boot-starter-data-redis"
    ),
    "memcached": (
        "memjs memcached pymemcache pylibmc python-memcached dalli ext-memcached "
        "github.com/bradfitz/gomemcache"
    ),
    "elasticsearch": (
        "@elastic/elasticsearch elasticsearch elasticsearch-dsl elasticsearch/elasticsearch "
        "github.com/elastic/go-elasticsearch"
    ),
    "rabbitmq": (
        "amqplib pika aio-pika bunny php-amqplib/php-amqplib amqp-client spring-boot-starter-amqp "
        "github.com/rabbitmq/amqp091-go github.com/streadway/amqp lapin"
    ),
    "kafka": (
        "kafkajs node-rdkafka kafka-python confluent-kafka aiokafka kafka-clients spring-kafka "
        "rdkafka github.com/segmentio/kafka-go github.com/ibm/sarama github.com/shopify/sarama"
    ),
}
_TYPES = {package: kind for kind, words in _PACKAGES.items() for package in words.split()}
_VERSIONED = re.compile(r"(/v\d+.*|\.v\d+|@.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A type of backing service and what made us think of it."""

    type: str
    package: str
    file: str


def propose(texts: Mapping[str, str]) -> tuple[Proposal, ...]:
    """One proposal for each type that a dependency in these files (name → text) speaks for."""
    found: dict[str, Proposal] = {}
    for file, text in texts.items():
        for word in _packages(file, text):
            package = word if word.startswith("@") else _VERSIONED.sub("", word)
            kind = _TYPES.get(package.lower(), "")
            if kind and kind not in found:
                found[kind] = Proposal(type=kind, package=word, file=file)
    return tuple(sorted(found.values(), key=lambda it: it.type))


def _packages(file: str, text: str) -> list[str]:
    """Names of packages; what is only mentioned in a description or a script does not count."""
    if file.endswith(".json"):
        return _from_json(text)
    if file in ("pom.xml", "build.gradle", "build.gradle.kts"):
        return _from_java(text)
    patterns = _PATTERNS.get(file, _PYTHON)
    found = [name for pattern in patterns for name in re.findall(pattern, text, re.MULTILINE)]
    if file == "Gemfile":
        return found
    return [*found, *_celery(text)]


_PYTHON = (
    r"^\s*([A-Za-z0-9][\w.-]*)\s*=",
    r"['\"]([A-Za-z0-9][\w.-]*)(?=\s*[\[<>=!~;'\" ])",
)
_PATTERNS = {
    "go.mod": (r"^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]+/\S+)\s+v",),
    "Gemfile": (r"^\s*gem\s+['\"]([^'\"]+)",),
    "mix.exs": (r"\{:(\w+),",),
    "requirements.txt": (r"^\s*([A-Za-z0-9][\w.-]*)",),
    "Pipfile": (r"^\s*\"?([A-Za-z0-9][\w.-]*)",),
    "Cargo.toml": (r"^\s*([A-Za-z0-9][\w.-]*)\s*=",),
}


def _celery(text: str) -> list[str]:
    return ["redis"] if re.search(r"celery\[[^\]]*redis", text) else []


def _from_json(text: str) -> list[str]:
    """Npm's sections and composer's; development tools say nothing about what runs."""
    import json

    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(document, dict):
        return []
    sections = ("dependencies", "optionalDependencies", "require")
    found = (document.get(section) for section in sections)
    return [name for section in found if isinstance(section, dict) for name in section]


def _from_java(text: str) -> list[str]:
    names = re.findall(r"<(?:groupId|artifactId)>\s*([^<\s]+)", text)
    return names + [
        part
        for word in re.findall(r"['\"]([^'\"]+:[^'\"]+)['\"]", text)
        for part in word.split(":")
    ]
