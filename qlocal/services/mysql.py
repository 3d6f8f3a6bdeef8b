"""MySQL.

The user is `root`: the templates of the platform log in by that name, its own user could make
further schemas too, and the image gives a user of another name rights on one schema only. The
schema is called like the database in the manifest, as programs use `…_NAME` for it; hyphens,
blanks and capitals are allowed in such names.

`8` and no version at all mean 8.0, as they did on the platform. There, passwords were checked the
old way (`mysql_native_password`), which is all that many drivers of those years can do, so 8.0 to
8.3 are started with that as the default. From 8.4 on the image's own way stays.
"""

from qlocal.services import Instance, Probe, ServiceType, numbers, shell

# Over TCP, because during its first start the image runs a server on the socket only. Loopback is
# not trusted: the password counts there too.
_LOGIN = 'export MYSQL_PWD="$MYSQL_ROOT_PASSWORD";'
_PROBE = f'{_LOGIN} exec mysql -u root -h 127.0.0.1 -D "$MYSQL_DATABASE" -Nse "select 1"'
_CLIENT = f'{_LOGIN} exec mysql -u root --database="$MYSQL_DATABASE" "$@"'
_DUMP = (
    f"{_LOGIN} exec mysqldump -u root --single-transaction --routines --events"
    ' --add-drop-database --databases "$MYSQL_DATABASE"'
)
_RESTORE = f"{_LOGIN} exec mysql -u root"


def _command(it: Instance) -> tuple[str, ...]:
    if (8,) <= numbers(SERVICE.tag(it.version)) < (8, 4):
        return ("mysqld", "--default-authentication-plugin=mysql_native_password")
    return ()


def schema_uri(it: Instance, *, login: bool) -> str:
    """`mysql://` is what drivers take for MariaDB as well."""
    words = f"{it.credentials.username}:{it.credentials.password}@" if login else ""
    return f"mysql://{words}{it.host}:{it.port}/{it.credentials.database}"


SERVICE = ServiceType(
    type="mysql",
    image="mysql",
    port=3306,
    versions=("8.0", "8.4", "9", "5.7", "5.6", "5.5"),
    username="root",
    default_database="{name}",
    data_path=lambda _: "/var/lib/mysql",
    tags=lambda version: {"8": "8.0", "5": "5.7"}.get(version, version),
    # From 8 on a newer server upgrades the data of an older one, and refuses that of a newer.
    major=lambda version: 2 if numbers(version) < (8,) else 1,
    environment=lambda it: {
        "MYSQL_ROOT_PASSWORD": it.credentials.password,
        "MYSQL_DATABASE": it.credentials.database,
    },
    command=_command,
    probe=lambda _: Probe(command=("sh", "-c", _PROBE), patience=180),
    uri=lambda it: schema_uri(it, login=True),
    uri_without_credentials=lambda it: schema_uri(it, login=False),
    client=lambda _: shell(_CLIENT, "mysql"),
    dump=lambda _: shell(_DUMP, "mysqldump"),
    restore=lambda _: shell(_RESTORE, "mysql"),
    stop_grace=60,
    # Where the engine allows a billion files, 5.x takes gigabytes to keep account of them.
    open_files=16384,
    instead="mariadb",
)
