"""RabbitMQ."""

from qlocal.services import Instance, Probe, ServiceType, shell

# A login as a client does it, up to the opened virtual host, and a polite end. The node's own
# tool needs a second of processor time to start, and before 3.8 the password as an argument.
_PROBE = r"""
user=$RABBITMQ_DEFAULT_USER password=$RABBITMQ_DEFAULT_PASS
exec 3<> /dev/tcp/127.0.0.1/5672 || exit 1
bytes() { local i; for i; do printf "\\$(printf %o "$i")"; done; }
length() { bytes $(($1 >> 24 & 255)) $(($1 >> 16 & 255)) $(($1 >> 8 & 255)) $(($1 & 255)); }
frame() { bytes 1 0 0; length "$1"; }
# The next frame must be this method of the class `connection`.
expect() {
    local head
    head=($(head -c 11 <&3 | od -An -v -tu1))
    ((${#head[@]} == 11 && head[8] == 10 && head[10] == $1)) || exit 1
    head -c $(((head[3] << 24) + (head[4] << 16) + (head[5] << 8) + head[6] - 3)) <&3 > /dev/null
}
{ printf AMQP; bytes 0 0 9 1; } >&3
expect 10
{
    frame $((26 + ${#user} + ${#password}))
    bytes 0 10 0 11 0 0 0 0 5; printf PLAIN
    length $((2 + ${#user} + ${#password}))
    bytes 0; printf %s "$user"; bytes 0; printf %s "$password"
    bytes 5; printf en_US; bytes 206
} >&3
expect 30
{
    frame 12; bytes 0 10 0 31 0 1 0 0 16 0 0 0 206
    frame 8; bytes 0 10 0 40 1; printf /; bytes 0 0 206
} >&3
expect 41
{ frame 11; bytes 0 10 0 50 0 200 0 0 0 0 0 206; } >&3
expect 51
"""

_QUIET = "-rabbit log [{categories,[{connection,[{level,warning}]}]}]"


def _uri(it: Instance, login: str) -> str:
    return f"amqp://{login}{it.host}:{it.port}/"


SERVICE = ServiceType(
    type="rabbitmq",
    section="brokers",
    image="rabbitmq",
    port=5672,
    versions=("4.1", "4.0", "3.13", "3.12", "3.11", "3.10", "3.9", "3.8", "3.7", "3.6"),
    username="superuser",
    default_database="/",
    data_path=lambda _: "/var/lib/rabbitmq",
    tags=lambda version: {"4": "4.1", "3": "3.13"}.get(version, version),
    major=lambda _: 2,
    environment=lambda it: {
        "RABBITMQ_DEFAULT_USER": it.credentials.username,
        "RABBITMQ_DEFAULT_PASS": it.credentials.password,
        # Data belongs to a node by name, and a node is called after its host: a container made
        # anew would find an empty database.
        "RABBITMQ_NODENAME": "rabbit@localhost",
        # Otherwise every probe writes three lines about a client that came and went.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _QUIET,
    },
    probe=lambda _: Probe(command=("bash", "-c", _PROBE), timeout=10, patience=180),
    uri=lambda it: _uri(it, f"{it.credentials.username}:{it.credentials.password}@"),
    uri_without_credentials=lambda it: _uri(it, ""),
    client=lambda _: shell('exec rabbitmqctl "${@:-status}"', "rabbitmqctl"),
    stop_grace=60,
    # It takes memory for every file it might open.
    open_files=16384,
    packaged=True,
)
