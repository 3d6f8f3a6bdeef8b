"""PostgreSQL."""

from qlocal.services import Instance, Probe, ServiceType, numbers, shell


def _data_path(version: str) -> str:
    """Where the volume goes: the official image moved its data directory in 18."""
    if numbers(version) >= (18,):
        return "/var/lib/postgresql"
    return "/var/lib/postgresql/data"


# Over TCP, because during its first start the image runs a server on the socket only; from the
# container's own address, because the image trusts loopback without asking for a password.
_PROBE = (
    'PGPASSWORD="$POSTGRES_PASSWORD" psql -h "$(hostname -i | cut -d " " -f 1)"'
    ' -U "$POSTGRES_USER" -d "$POSTGRES_DB" -qtAc "select 1"'
)
_DUMP = 'exec pg_dump -Fc -U "$POSTGRES_USER" -d "$POSTGRES_DB"'
# All of it or nothing.
_RESTORE = (
    "exec pg_restore --clean --if-exists --no-owner --single-transaction"
    ' -U "$POSTGRES_USER" -d "$POSTGRES_DB"'
)


def _uri(it: Instance) -> str:
    login = f"{it.credentials.username}:{it.credentials.password}"
    return f"postgresql://{login}@{it.host}:{it.port}/{it.credentials.database}"


SERVICE = ServiceType(
    type="postgresql",
    image="postgres",
    port=5432,
    versions=("18", "17", "16", "15", "14", "13", "12", "11.5", "11", "10", "9.6"),
    username="superuser",
    default_database="postgres",
    data_path=_data_path,
    # Before 10, the second number was a major version too; the tag `9` is 9.6.
    tags=lambda version: "9.6" if version == "9" else version,
    major=lambda version: 2 if numbers(version) < (10,) else 1,
    environment=lambda it: {
        "POSTGRES_USER": it.credentials.username,
        "POSTGRES_PASSWORD": it.credentials.password,
        "POSTGRES_DB": it.credentials.database,
    },
    probe=lambda _: Probe(command=("sh", "-c", _PROBE)),
    uri=_uri,
    uri_without_credentials=lambda it: (
        f"postgresql://{it.host}:{it.port}/{it.credentials.database}"
    ),
    client=lambda it: ("psql", "-U", it.credentials.username, "-d", it.credentials.database),
    dump=lambda _: shell(_DUMP, "pg_dump"),
    restore=lambda _: shell(_RESTORE, "pg_restore"),
    # Smart shutdown (SIGTERM) waits for every client; fast shutdown loses nothing either.
    stop_signal="SIGINT",
    # Parallel queries share memory there; the engine's 64 MiB end them with "No space left".
    shared_memory=256,
    packaged=True,
)
