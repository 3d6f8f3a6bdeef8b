"""What Docker's programs and libraries were seen to say → what qlocal says."""

import docker.errors
import pytest
import requests.exceptions

from qlocal.engine.failures import failure_of_pull, from_text, translated
from qlocal.errors import (
    EngineError,
    EngineUnavailable,
    ImageNotFound,
    NotFound,
    PortTaken,
    QlocalError,
    RegistryUnreachable,
)

REGISTRY = "https://registry-1.docker.io/v2/"


@pytest.mark.parametrize(
    "text",
    [
        f'Get "{REGISTRY}": dial tcp: lookup registry-1.docker.io on 127.0.0.53:53: no such host',
        (
            f'Get "{REGISTRY}": dial tcp: lookup registry-1.docker.io: Temporary failure in name '
            "resolution"
        ),
        f'Get "{REGISTRY}": dial tcp 52.1.2.3:443: connect: connection refused',
        f'Get "{REGISTRY}": dial tcp 52.1.2.3:443: i/o timeout',
        f'Get "{REGISTRY}": dial tcp 52.1.2.3:443: connect: network is unreachable',
        f'Get "{REGISTRY}": net/http: TLS handshake timeout',
        (
            f'Get "{REGISTRY}": net/http: request canceled while waiting for connection '
            "(Client.Timeout exceeded while awaiting headers)"
        ),
        f'Get "{REGISTRY}": proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused',
        (
            f'Get "{REGISTRY}": tls: failed to verify certificate: x509: certificate signed by '
            "unknown authority"
        ),
        f'Get "{REGISTRY}": context deadline exceeded',
        f'Get "{REGISTRY}": EOF',
        (
            "Error response from daemon: Get "
            f'"{REGISTRY}": dial tcp: lookup registry-1.docker.io: server misbehaving'
        ),
    ],
)
def test_a_pull_that_reached_no_registry(text: str) -> None:
    error = failure_of_pull("postgres:15", text)
    assert type(error) is RegistryUnreachable
    assert "postgres:15" in error.message


@pytest.mark.parametrize(
    "text",
    [
        "manifest for postgres:99 not found: manifest unknown: manifest unknown",
        "manifest unknown",
        (
            "pull access denied for nobody/nothing, repository does not exist or may require "
            "'docker login': denied: requested access to the resource is denied"
        ),
        (
            'failed to resolve reference "docker.io/library/postgres:99": '
            "docker.io/library/postgres:99: not found"
        ),
        "name unknown: repository not found",
    ],
)
def test_a_pull_of_what_the_registry_does_not_have(text: str) -> None:
    """Never to be replaced by something else: the user asked for what does not exist."""
    error = failure_of_pull("postgres:99", text)
    assert type(error) is ImageNotFound
    assert error.hint


@pytest.mark.parametrize(
    "text",
    [
        (
            "toomanyrequests: You have reached your pull rate limit. You may increase the limit by "
            "authenticating and upgrading: https://www.docker.com/increase-rate-limit"
        ),
        "no matching manifest for linux/arm64/v8 in the manifest list entries",
        "unauthorized: authentication required",
    ],
)
def test_a_pull_that_the_registry_refused_is_neither(text: str) -> None:
    error = failure_of_pull("postgres:15", text)
    assert type(error) is EngineError
    assert text.split(":", maxsplit=1)[0] in error.message


@pytest.mark.parametrize(
    ("text", "port"),
    [
        (
            (
                "driver failed programming external connectivity on endpoint demo--main-todo-1 "
                "(0123abcd): Bind for 127.0.0.1:20001 failed: port is already allocated"
            ),
            "20001",
        ),
        (
            (
                "driver failed programming external connectivity on endpoint x (0123): Error "
                "starting userland proxy: listen tcp4 127.0.0.1:20001: bind: address already in use"
            ),
            "20001",
        ),
        (
            (
                "failed to set up container networking: driver failed programming external "
                "connectivity on endpoint x (0123): failed to bind host port for "
                "127.0.0.1:20001:172.17.0.2:80/tcp: address already in use"
            ),
            "20001",
        ),
        (
            (
                "Ports are not available: exposing port TCP 127.0.0.1:20001 -> 0.0.0.0:0: listen "
                "tcp 127.0.0.1:20001: bind: Only one usage of each socket address is normally "
                "permitted."
            ),
            "20001",
        ),
    ],
)
def test_a_port_that_is_taken(text: str, port: str) -> None:
    error = from_text(text, "starting")
    assert type(error) is PortTaken
    assert error.message.startswith(f"port {port} is taken")
    assert "--new-ports" in error.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("write /var/lib/docker/tmp/x: no space left on device", "disk is full"),
        (
            (
                "could not find an available, non-overlapping IPv4 address pool among the defaults "
                "to assign to the network"
            ),
            "no network addresses left",
        ),
        ("all predefined address pools have been fully subnetted", "no network addresses left"),
    ],
)
def test_what_a_machine_runs_out_of(text: str, words: str) -> None:
    error = from_text(text, "creating the containers")
    assert type(error) is EngineError
    assert words in error.message
    assert error.hint


@pytest.mark.parametrize(
    "text",
    [
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker "
            "daemon running?"
        ),
        "error during connect: this error may indicate that the docker daemon is not running",
        "dial unix /var/run/docker.sock: connect: no such file or directory",
    ],
)
def test_an_engine_that_is_gone(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    error = from_text(text, "creating the containers")
    assert type(error) is EngineUnavailable
    assert error.exit_code == 4
    assert "qlocal doctor" in error.hint


def test_an_engine_that_is_gone_somewhere_else_says_where(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.1:2375")
    error = from_text("Cannot connect to the Docker daemon at tcp://10.0.0.1:2375.", "x")
    assert "tcp://10.0.0.1:2375" in error.message


def test_a_socket_that_this_user_may_not_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    text = (
        "permission denied while trying to connect to the Docker daemon socket at "
        "unix:///var/run/docker.sock: Get http://docker.sock/v1.45/info: dial unix "
        "/var/run/docker.sock: connect: permission denied"
    )
    error = from_text(text, "x")
    assert type(error) is EngineUnavailable
    assert "usermod" in error.hint


def test_anything_else_keeps_the_last_words_of_the_engine() -> None:
    error = from_text("some progress\n\nError response from daemon: it is broken\n", "starting")
    assert (type(error), error.message) == (EngineError, "starting failed: it is broken")


def test_silence_is_told_as_silence() -> None:
    assert from_text("", "starting").message == "starting failed: no reason given"


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (requests.exceptions.ConnectionError("refused"), EngineUnavailable),
        (requests.exceptions.ReadTimeout("slow"), EngineUnavailable),
        (ConnectionResetError("reset"), EngineUnavailable),
        (
            docker.errors.DockerException("Error while fetching server API version"),
            EngineUnavailable,
        ),
        (docker.errors.APIError("x", explanation="no space left on device"), EngineError),
        (docker.errors.NotFound("x", explanation="No such container: x"), EngineError),
        (docker.errors.APIError("x", explanation="port is already allocated"), PortTaken),
    ],
)
def test_the_exceptions_of_the_libraries_become_ours(
    raised: Exception, expected: type[QlocalError]
) -> None:
    with pytest.raises(QlocalError) as caught, translated("starting"):
        raise raised
    assert type(caught.value) is expected
    assert caught.value.__cause__ is raised


def test_our_own_errors_pass_unchanged() -> None:
    error = NotFound("x")
    with pytest.raises(NotFound) as caught, translated("starting"):
        raise error
    assert caught.value is error


def test_bugs_stay_bugs() -> None:
    with pytest.raises(KeyError), translated("starting"):
        raise KeyError
