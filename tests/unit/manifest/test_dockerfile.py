"""What is read from Dockerfiles."""

import pytest

from qlocal.manifest.dockerfile import read_dockerfile


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("FROM a\nEXPOSE 80", 80),
        ("from a\nexpose 8080/tcp", 8080),
        ("FROM a\nEXPOSE 80\nEXPOSE 443", 443),
        ("FROM a\nEXPOSE 80 443", 443),
        ("FROM a\nEXPOSE 8080 53/udp", 8080),
        ("FROM a\nEXPOSE 8000-8002", 8002),
        ("FROM a\nEXPOSE \\\n  # the port\n\n  9000\n", 9000),
        ("# escape=`\nFROM a\nEXPOSE `\n 9000", 9000),
        ("FROM a\r\nEXPOSE 80\r\n", 80),
        ("\ufeffFROM a\nEXPOSE 80", 80),
        ("FROM a\nARG P=81\nEXPOSE $P", 81),
        ("FROM a\nENV P 82\nEXPOSE ${P}/tcp", 82),
        ('FROM a\nENV A=1 P="83"\nEXPOSE $P', 83),
        ("FROM a\nEXPOSE ${P:-84}", 84),
        ("ARG P=85\nFROM a\nARG P\nEXPOSE $P", 85),
        ("ARG P=86\nFROM a\nEXPOSE $P", None),
        ("FROM a\nENV P=1\nENV P=87 Q=$P\nEXPOSE $P", 87),
        ("FROM a AS base\nENV P=88\nFROM base\nEXPOSE $P", 88),
        ("FROM a AS base\nEXPOSE 89\nFROM base AS last\nRUN x", 89),
        ("FROM a\nEXPOSE 90\nFROM b\nEXPOSE 91", 91),
        ("FROM a AS build\nEXPOSE 92\nFROM b\nRUN x", 92),
        ("FROM a\n# EXPOSE 1\nRUN echo EXPOSE 2\nRUN <<EOF\nEXPOSE 3\nEOF\nEXPOSE 93", 93),
        ("FROM a\nRUN <<-'A' cat <<B\n\tEXPOSE 1\n\tA\nEXPOSE 2\nB\nEXPOSE 94", 94),
        ("FROM a\nONBUILD EXPOSE 80", None),
        ("FROM a\nEXPOSE 0 70000 http $X", None),
        ("FROM a\nENV A=\\$B\nEXPOSE ${A}", None),
        ("", None),
    ],
)
def test_the_port_follows_the_expose_rule(text: str, port: int | None) -> None:
    assert read_dockerfile(text).port == port


def test_only_images_outside_of_the_file_are_bases() -> None:
    text = """
ARG VERSION=16
ARG IMAGE=node:${VERSION}-alpine
FROM --platform=$BUILDPLATFORM ${IMAGE} AS Build
FROM scratch AS empty
FROM build
COPY --from=build /a /b
COPY --from=0 /a /b
COPY --chown=x --from=nginx:1.25 /a /b
RUN --mount=type=bind,from=golang:1.22,target=/go --mount=type=cache,target=/c go version
"""
    assert read_dockerfile(text).bases == ("node:16-alpine", "nginx:1.25", "golang:1.22")


def test_arguments_are_the_names_of_all_arg_lines() -> None:
    text = 'ARG A=1\nFROM x\nARG B C="2 3"\narg A\n'
    assert read_dockerfile(text).arguments == ("A", "B", "C")


def test_the_frontend_is_read_from_the_first_lines_only() -> None:
    assert read_dockerfile("# syntax=docker/dockerfile:1\nFROM a").syntax == "docker/dockerfile:1"
    assert read_dockerfile("FROM a\n# syntax=docker/dockerfile:1").syntax == ""


def test_a_file_without_a_base_is_broken() -> None:
    assert read_dockerfile("EXPOSE 80").broken == "it has no `FROM` line"
    assert not read_dockerfile("FROM a").broken


def test_a_value_that_doubles_itself_stays_small() -> None:
    text = "FROM a\nENV A=x\n" + "ENV A=$A$A\n" * 200 + "EXPOSE $A\n"
    assert read_dockerfile(text).port is None
