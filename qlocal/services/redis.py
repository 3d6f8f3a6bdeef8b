"""Redis."""

from qlocal.services import Probe, ServiceType

# The image has no variable for a password, and an argument would show in every process list:
# the server reads it from a file that only it can read.
_START = (
    "umask 077"
    " && printf 'requirepass %s\\n' \"$REDIS_PASSWORD\" > /tmp/redis.conf"
    " && chown redis /tmp/redis.conf"
    " && exec docker-entrypoint.sh redis-server /tmp/redis.conf --appendonly yes"
)


SERVICE = ServiceType(
    type="redis",
    image="redis",
    port=6379,
    versions=("8", "7", "6", "5", "4.0", "3.2"),
    username="default",
    default_database="redis",
    data_path=lambda _: "/data",
    environment=lambda it: {
        "REDIS_PASSWORD": it.credentials.password,
        "REDISCLI_AUTH": it.credentials.password,
    },
    command=lambda _: ("sh", "-c", _START),
    probe=lambda _: Probe(command=("sh", "-c", "redis-cli ping | grep -q PONG")),
    # Without a user name: servers before 6 know none, and drivers then send AUTH with two words.
    uri=lambda it: f"redis://:{it.credentials.password}@{it.host}:{it.port}",
    uri_without_credentials=lambda it: f"redis://{it.host}:{it.port}",
    client=lambda _: ("redis-cli",),
    packaged=True,
)
