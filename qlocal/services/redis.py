"""Redis."""

from qlocal.services import Probe, ServiceType, shell

# The image has no variable for a password, and an argument would show in every process list:
# the server reads it from a file that only it can read.
_START = (
    "umask 077"
    " && printf 'requirepass %s\\n' \"$REDIS_PASSWORD\" > /tmp/redis.conf"
    " && chown redis /tmp/redis.conf"
    " && exec docker-entrypoint.sh redis-server /tmp/redis.conf --appendonly yes"
)

# Through the input, because clients before 5 do not know REDISCLI_AUTH.
_LOGIN = "printf 'AUTH %s\\n%s\\n' \"$REDIS_PASSWORD\""
_PROBE = f"{_LOGIN} PING | redis-cli | grep -qx PONG"
_DUMP = f"""
[ "$({_LOGIN} SAVE | redis-cli | grep -cx OK)" = 2 ] && exec cat /data/dump.rdb
"""

# A server with append-only files does not read a dump. So a second one reads it, and the first
# becomes its replica for as long as it takes to copy everything.
_RESTORE = f"""
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/dump.rdb"
redis-server --port 6399 --bind 127.0.0.1 --dir "$folder" --save '' --daemonize yes > /dev/null
until REDISCLI_AUTH= redis-cli -p 6399 ping 2> /dev/null | grep -qx PONG; do sleep 0.1; done
tell() {{ {_LOGIN} "$1" | redis-cli; }}
tell 'SLAVEOF 127.0.0.1 6399' > /dev/null
until tell 'INFO replication' | grep -q '^master_link_status:up'; do sleep 0.1; done
tell 'SLAVEOF NO ONE' > /dev/null
REDISCLI_AUTH= redis-cli -p 6399 shutdown nosave 2> /dev/null || true
"""


SERVICE = ServiceType(
    type="redis",
    image="redis",
    port=6379,
    versions=("8", "7", "6", "5", "5.0", "4.0", "3.2", "2.8", "2.6"),
    username="default",
    default_database="redis",
    data_path=lambda _: "/data",
    environment=lambda it: {
        "REDIS_PASSWORD": it.credentials.password,
        "REDISCLI_AUTH": it.credentials.password,
    },
    command=lambda _: ("sh", "-c", _START),
    probe=lambda it: Probe(
        command=("sh", "-c", _PROBE),
        exchange=(f"AUTH {it.credentials.password}\r\nPING\r\n".encode(), b"+OK\r\n+PONG"),
    ),
    # Without a user name: servers before 6 know none, and drivers then send AUTH with two words.
    uri=lambda it: f"redis://:{it.credentials.password}@{it.host}:{it.port}",
    uri_without_credentials=lambda it: f"redis://{it.host}:{it.port}",
    client=lambda _: ("redis-cli",),
    dump=lambda _: shell(_DUMP, "redis-dump"),
    restore=lambda _: shell(_RESTORE, "redis-restore"),
    packaged=True,
)
