"""MariaDB. User, schema and URI are as in `mysql.py`."""

from qlocal.services import Probe, ServiceType, shell
from qlocal.services.mysql import schema_uri

# The programs were called `mysql…` up to 10.4, and are called nothing else from 11 on.
_LOGIN = 'export MYSQL_PWD="$MYSQL_ROOT_PASSWORD";'
_CLIENT = '"$(command -v mariadb || command -v mysql)" -u root'
_DUMPER = '"$(command -v mariadb-dump || command -v mysqldump)" -u root'

# Over TCP, because during its first start the image runs a server on the socket only. Loopback is
# not trusted: the password counts there too.
_PROBE = f'{_LOGIN} exec {_CLIENT} -h 127.0.0.1 -D "$MYSQL_DATABASE" -Nse "select 1"'
_CONNECT = f'{_LOGIN} exec {_CLIENT} --database="$MYSQL_DATABASE" "$@"'
_DUMP = (
    f"{_LOGIN} exec {_DUMPER} --single-transaction --routines --events --add-drop-database"
    ' --databases "$MYSQL_DATABASE"'
)
_RESTORE = f"{_LOGIN} exec {_CLIENT}"


SERVICE = ServiceType(
    type="mariadb",
    image="mariadb",
    port=3306,
    versions=("11.8", "11.4", "10.11", "10.6", "10.5", "10.4", "10.3", "10.2", "10.1"),
    username="root",
    default_database="{name}",
    data_path=lambda _: "/var/lib/mysql",
    tags=lambda version: {"11": "11.8", "10": "10.11"}.get(version, version),
    major=lambda _: 2,
    # By the older names, which images of every age know.
    environment=lambda it: {
        "MYSQL_ROOT_PASSWORD": it.credentials.password,
        "MYSQL_DATABASE": it.credentials.database,
    },
    probe=lambda _: Probe(command=("sh", "-c", _PROBE)),
    uri=lambda it: schema_uri(it, login=True),
    uri_without_credentials=lambda it: schema_uri(it, login=False),
    client=lambda _: shell(_CONNECT, "mariadb"),
    dump=lambda _: shell(_DUMP, "mariadb-dump"),
    restore=lambda _: shell(_RESTORE, "mariadb"),
    stop_grace=60,
    open_files=16384,
    packaged=True,
)
