"""Kafka: a single node that is its own controller (KRaft), without passwords.

The project's own image begins at 3.7. Brokers serve clients of older versions, so whatever is
older runs on 3.7: it speaks with clients of the versions Qovery offered (2.1 to 2.3), while 4.x
does not with those before 2.1. Clients are sent on to the name in `KAFKA_ADVERTISED_LISTENERS`,
which only containers of the environment can resolve.
"""

from qlocal.services import Instance, Probe, ServiceType, numbers, shell

# Every version of the image has three numbers; these are the last of their series.
_LAST = {
    "3": "3.9.1",
    "3.7": "3.7.2",
    "3.8": "3.8.1",
    "3.9": "3.9.1",
    "4": "4.1.0",
    "4.0": "4.0.0",
    "4.1": "4.1.0",
}

# "Which requests do you know?", number 18 of the protocol; a broker answers when it serves. The
# programs of the image would take seconds of processor time for the same question.
_PROBE = r"""
exec 3<> /dev/tcp/127.0.0.1/9092 || exit 1
printf '\0\0\0\012\0\022\0\0\0\0\0\007\377\377' >&3
answer=($(head -c 10 <&3 | od -An -v -tu1))
[[ ${answer[*]:4} == '0 0 0 7 0 0' ]]
"""


# Any will do, as long as it stays: it is written into the data.
_CLUSTER = "5L6g3nShT-eMCtK--X86sw"


def _tag(version: str) -> str:
    oldest = _LAST["3.7"]
    if version not in _LAST and numbers(version) and numbers(version) < numbers(oldest)[:2]:
        return oldest
    return _LAST.get(version, version)


def _environment(it: Instance) -> dict[str, str]:
    return {
        "CLUSTER_ID": _CLUSTER,
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{it.host}:9092",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_LOG_DIRS": "/var/lib/kafka/data",
        # Its own idea is a gigabyte from the beginning.
        "KAFKA_HEAP_OPTS": "-Xms128m -Xmx512m",
    }


SERVICE = ServiceType(
    type="kafka",
    section="brokers",
    image="apache/kafka",
    port=9092,
    versions=("4.1", "4.0", "3.9", "3.8", "3.7", "2.3", "2.2", "2.1"),
    username="",
    default_database="",
    data_path=lambda _: "/var/lib/kafka/data",
    tags=_tag,
    has_login=lambda _: False,
    environment=_environment,
    probe=lambda _: Probe(command=("bash", "-c", _PROBE), timeout=10, patience=180),
    uri=lambda it: f"kafka://{it.host}:{it.port}",
    uri_without_credentials=lambda it: f"kafka://{it.host}:{it.port}",
    # There is no client to talk to: a shell among the tools.
    client=lambda _: shell('PATH="$PATH:/opt/kafka/bin"; export PATH; exec bash "$@"', "kafka"),
    stop_grace=60,
    ram=1536,
)
