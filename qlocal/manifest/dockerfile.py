"""What qlocal needs to know of a Dockerfile: the ports, the arguments, the images it starts from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfile:
    """`port` is the one the application listens on by the EXPOSE rule, None without EXPOSE.

    `arguments` are the names of all ARG lines; only these are passed to a build. `bases` are the
    images outside the file that FROM and COPY --from name, ARG defaults applied. `syntax` is
    the frontend image of a `# syntax=` line, "" without.
    """

    port: int | None = None
    exposed: tuple[int, ...] = ()
    arguments: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    syntax: str = ""
