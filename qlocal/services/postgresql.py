"""PostgreSQL."""

from qlocal.services import Instance, Probe, ServiceType


def _data_path(version: str) -> str:
    """Where the volume goes: the official image moved its data directory in 18."""
    major = version.split(".", maxsplit=1)[0].split("-", maxsplit=1)[0]
    if major.isdigit() and int(major) >= 18:
        return "/var/lib/postgresql"
    return "/var/lib/postgresql/data"


# Over TCP, because during its first start the image runs a server on the socket only; from the
# container's own address, because the image trusts loopback without asking for a password.
_PROBE = (
    'PGPASSWORD="$POSTGRES_PASSWORD" psql -h "$(hostname -i | cut -d " " -f 1)"'
    ' -U "$POSTGRES_USER" -d "$POSTGRES_DB" -qtAc "select 1"'
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
    # Smart shutdown (SIGTERM) waits for every client; fast shutdown loses nothing either.
    stop_signal="SIGINT",
    packaged=True,
)
