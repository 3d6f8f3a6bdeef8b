"""Elasticsearch: a single node.

Passwords are on from 8.0, and switched on where they are free: 6.8 and 7.1 to 7.17. Older versions
let everybody in. TLS is off, so URIs are plain `http`. A single node is not held to the limits that
clusters are, `vm.max_map_count` among them; where large indices fail, raise it on the host.
"""

from qlocal.services import Instance, Probe, ServiceType, numbers, shell

# From 6 on every tag has three numbers; these are the last of their series.
_LAST = {
    "6": "6.8.23",
    "6.4": "6.4.3",
    "6.5": "6.5.4",
    "6.6": "6.6.2",
    "6.7": "6.7.2",
    "6.8": "6.8.23",
    "7": "7.17.28",
    "7.0": "7.0.1",
    "7.1": "7.1.1",
    "7.2": "7.2.1",
    "7.3": "7.3.2",
    "7.4": "7.4.2",
    "7.5": "7.5.2",
    "7.6": "7.6.2",
    "7.7": "7.7.1",
    "7.8": "7.8.1",
    "7.9": "7.9.3",
    "7.10": "7.10.1",
    "7.17": "7.17.28",
    "8": "8.19.2",
    "8.19": "8.19.2",
    "9": "9.1.2",
    "9.1": "9.1.2",
}

# The login goes through the input, the process list shows none.
_CURL = "curl -sS -K -"
_LOGIN = 'printf \'user = "elastic:%s"\\n\' "$ELASTIC_PASSWORD"'
_PROBE = (
    f"{_LOGIN} | {_CURL} -f -o /dev/null"
    " 'http://127.0.0.1:9200/_cluster/health?wait_for_status=yellow&timeout=3s'"
)
_CLIENT = f"""
path=${{1:-/}}
[ $# = 0 ] || shift
{_LOGIN} | {_CURL} "http://127.0.0.1:9200/${{path#/}}" "$@"
"""


def _tag(version: str) -> str:
    """`7.1` → `7.1.1`; of other series the first, `8.4` → `8.4.0`, which all have."""
    parts = numbers(version)
    if version in _LAST:
        return _LAST[version]
    return f"{version}.0" if parts >= (6,) and version.count(".") == 1 else version


def _has_login(version: str) -> bool:
    parts = numbers(SERVICE.tag(version))[:2]
    return parts >= (6, 8) and parts != (7, 0)


def _environment(it: Instance) -> dict[str, str]:
    # Its own idea of a heap is half of the machine's memory. The second is for versions up to 2.
    found = {"ES_JAVA_OPTS": "-Xms512m -Xmx512m", "ES_HEAP_SIZE": "512m"}
    if numbers(SERVICE.tag(it.version)) >= (6,):
        del found["ES_HEAP_SIZE"]
        found["discovery.type"] = "single-node"
    if _has_login(it.version):
        found["ELASTIC_PASSWORD"] = it.credentials.password
        found["xpack.security.enabled"] = "true"
        found["xpack.security.http.ssl.enabled"] = "false"
    return found


def _command(it: Instance) -> tuple[str, ...]:
    """5.x reads no settings from the environment."""
    if numbers(SERVICE.tag(it.version))[:1] == (5,):
        return ("elasticsearch", "-Ediscovery.type=single-node")
    return ()


def _uri(it: Instance) -> str:
    login = f"{it.credentials.username}:{it.credentials.password}@"
    return f"http://{login if _has_login(it.version) else ''}{it.host}:{it.port}"


SERVICE = ServiceType(
    type="elasticsearch",
    image="elasticsearch",
    port=9200,
    versions=("9.1", "8.19", "7.17", "7.1", "6.8", "5.6", "2.3", "1.5"),
    username="elastic",
    default_database="",
    data_path=lambda _: "/usr/share/elasticsearch/data",
    tags=_tag,
    has_login=_has_login,
    environment=_environment,
    command=_command,
    probe=lambda _: Probe(command=("sh", "-c", _PROBE), timeout=10, patience=300),
    uri=_uri,
    uri_without_credentials=lambda it: f"http://{it.host}:{it.port}",
    client=lambda _: shell(_CLIENT, "curl"),
    stop_grace=60,
    ram=2048,
)
