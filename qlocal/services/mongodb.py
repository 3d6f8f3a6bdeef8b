"""MongoDB.

`documentdb` is read as this too. From 5.0 on the image needs a processor with AVX.
"""

from qlocal.services import Instance, Probe, ServiceType, shell

# `mongosh` came with 5.0, `mongo` left with 6.0. Both take a script as input, where a password is
# in nobody's process list; both may repeat what they read, so the word looked for is put together.
_SHELL = '"$(command -v mongosh || command -v mongo)" --quiet'
_LOGIN = (
    'printf \'db.getSiblingDB("admin").auth("%s", "%s")'
    ' && db.getSiblingDB("admin").runCommand({usersInfo: 1}).ok && print("acc" + "epts")\\n\''
    ' "$MONGO_INITDB_ROOT_USERNAME" "$MONGO_INITDB_ROOT_PASSWORD"'
)
# At the container's own address: during its first start the image runs a server on loopback.
_PROBE = (
    f'{_LOGIN} | {_SHELL} --host "$(hostname -i | cut -d " " -f 1)" 2> /dev/null | grep -q accepts'
)

# Logs in from a file that only this shell can read, and stays open for more.
_CLIENT = """
umask 077
file=$(mktemp)
trap 'rm -f "$file"' EXIT
printf 'db.getSiblingDB("admin").auth("%s", "%s");\\n' \
    "$MONGO_INITDB_ROOT_USERNAME" "$MONGO_INITDB_ROOT_PASSWORD" > "$file"
"$(command -v mongosh || command -v mongo)" --quiet mongodb "$file" --shell "$@"
"""

# Without `--password` the tools read it from the first line of their input. Who may log in stays
# as it is where the dump is restored.
_TOOL = '--quiet -u "$MONGO_INITDB_ROOT_USERNAME" --authenticationDatabase admin --archive'
_FIRST_LINE = "printf '%s\\n' \"$MONGO_INITDB_ROOT_PASSWORD\""
_DUMP = f"{_FIRST_LINE} | mongodump {_TOOL}"
_RESTORE = f"{{ {_FIRST_LINE}; cat; }} | mongorestore {_TOOL} --drop --nsExclude 'admin.*'"


def _uri(it: Instance) -> str:
    login = f"{it.credentials.username}:{it.credentials.password}"
    return f"mongodb://{login}@{it.host}:{it.port}/{it.credentials.database}?authSource=admin"


SERVICE = ServiceType(
    type="mongodb",
    image="mongo",
    port=27017,
    versions=("8.0", "7.0", "6.0", "5.0", "4.4", "4.2", "4.0", "3.6"),
    username="superuser",
    default_database="mongodb",
    data_path=lambda _: "/data/db",
    tags=lambda version: {
        "8": "8.0",
        "7": "7.0",
        "6": "6.0",
        "5": "5.0",
        "4": "4.4",
        "3": "3.6",
    }.get(version, version),
    major=lambda _: 2,
    environment=lambda it: {
        "MONGO_INITDB_ROOT_USERNAME": it.credentials.username,
        "MONGO_INITDB_ROOT_PASSWORD": it.credentials.password,
    },
    # Its own idea of a cache is half of the machine's memory.
    command=lambda _: ("mongod", "--wiredTigerCacheSizeGB", "0.5"),
    probe=lambda _: Probe(command=("sh", "-c", _PROBE), timeout=10),
    uri=_uri,
    uri_without_credentials=lambda it: (
        f"mongodb://{it.host}:{it.port}/{it.credentials.database}?authSource=admin"
    ),
    client=lambda _: shell(_CLIENT, "mongo"),
    dump=lambda _: shell(_DUMP, "mongodump"),
    restore=lambda _: shell(_RESTORE, "mongorestore"),
    stop_grace=60,
)
