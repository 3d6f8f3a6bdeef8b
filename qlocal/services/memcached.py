"""Memcached: a cache that forgets when it restarts, and asks nobody for a password."""

from qlocal.services import Probe, ServiceType

# The image has a shell but no client; bash connects by itself.
_PROBE = (
    "exec 3<> /dev/tcp/127.0.0.1/11211 && printf 'version\\r\\n' >&3"
    " && read -r -t 4 line <&3 && [[ $line == VERSION* ]]"
)
_CLIENT = (
    "exec 3<> /dev/tcp/127.0.0.1/11211 || exit 1; cat <&3 & sed -u 's/\\r*$/\\r/' >&3; kill $!"
)


SERVICE = ServiceType(
    type="memcached",
    image="memcached",
    port=11211,
    versions=("1.6", "1.5", "1.4"),
    username="",
    default_database="",
    tags=lambda version: "1.6" if version == "1" else version,
    has_login=lambda _: False,
    environment=lambda _: {},
    # Megabytes; it never takes more for what it keeps.
    command=lambda _: ("memcached", "-m", "64"),
    probe=lambda _: Probe(command=("bash", "-c", _PROBE), exchange=(b"version\r\n", b"VERSION ")),
    uri=lambda it: f"memcached://{it.host}:{it.port}",
    uri_without_credentials=lambda it: f"memcached://{it.host}:{it.port}",
    client=lambda _: ("bash", "-c", _CLIENT, "memcached"),
    stop_grace=5,
    packaged=True,
)
