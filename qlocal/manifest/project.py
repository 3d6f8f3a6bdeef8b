"""What only shows when several files are seen together: manifests of a project, their settings."""

from collections.abc import Iterable, Mapping, Sequence

from qlocal.errors import Problem, Severity, Where
from qlocal.manifest.cursor import nearest
from qlocal.manifest.document import shown
from qlocal.manifest.model import Application, Manifest
from qlocal.manifest.settings import Settings


def check_project(manifests: Sequence[Manifest]) -> tuple[Problem, ...]:
    """Problems between manifests; those of different projects have none with each other."""
    projects: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        projects.setdefault(manifest.application.project, []).append(manifest)
    problems: list[Problem] = []
    for together in projects.values():
        names = {it.application.name.lower(): it.application for it in together}
        problems += _repeated_names(together)
        problems += _unknown_applications(together, names)
        problems += _circles(names)
        problems += _contested_paths(together)
    return tuple(sorted(problems, key=lambda problem: problem.position))


def check_settings(settings: Settings, manifest: Manifest) -> tuple[Problem, ...]:
    """Names in `qlocal.yml` that are not in the manifest beside it."""
    services = [it.name for it in manifest.backing_services]
    places = {name: it.where for name, it in settings.services.items()}
    problems = _strangers(places, services, "database or broker")
    applications = {name: it.where for name, it in settings.applications.items()}
    return (*problems, *_strangers(applications, [manifest.application.name], "application"))


def _strangers(
    places: Mapping[str, Where | None], known: list[str], noun: str
) -> tuple[Problem, ...]:
    folded = {name.lower() for name in known}
    return tuple(
        Problem(
            where=where,
            message=f"the manifest has no {noun} `{shown(name)}`",
            hint=_known(name, known),
            severity=Severity.WARNING,
        )
        for name, where in places.items()
        if where is not None and name.lower() not in folded
    )


def _known(name: str, known: Iterable[str]) -> str:
    listed = list(known)
    near = nearest(name, listed)
    if near:
        return f"did you mean `{near}`?"
    names = ", ".join(f"`{it}`" for it in listed)
    return f"there is {names}" if names else "delete it"


def _repeated_names(together: Sequence[Manifest]) -> list[Problem]:
    seen: dict[str, Application] = {}
    problems = []
    for manifest in together:
        application = manifest.application
        first = seen.setdefault(application.name.lower(), application)
        if first is not application:
            message = (
                f"application `{shown(application.name)}` of project "
                f"`{shown(application.project)}` is also in {first.where.path}"
            )
            hint = "give one of them another name, or another project"
            problems.append(Problem(where=application.where, message=message, hint=hint))
    return problems


def _unknown_applications(
    together: Sequence[Manifest], names: Mapping[str, Application]
) -> list[Problem]:
    known = [application.name for application in names.values()]
    mentions = [
        (
            route.where,
            f"the route names application `{shown(route.application)}`",
            route.application,
        )
        for manifest in together
        for router in manifest.routers
        for route in router.routes
    ] + [
        (
            _dependencies(manifest.application),
            f"`depends_on` names application `{shown(name)}`",
            name,
        )
        for manifest in together
        for name in manifest.application.depends_on
    ]
    return [
        Problem(
            where=where,
            message=f"{says}, which is not among the files read",
            hint=f"{_known(name, known)}; fine if another repository of the project has it",
            severity=Severity.WARNING,
        )
        for where, says, name in mentions
        if name.lower() not in names
    ]


def _circles(names: Mapping[str, Application]) -> list[Problem]:
    """One problem for each application that waits for itself by way of others."""
    problems = []
    for name, application in names.items():
        reached: set[str] = set()
        front = [it.lower() for it in application.depends_on]
        while front:
            current = front.pop()
            if current not in reached and current in names:
                reached.add(current)
                front += [it.lower() for it in names[current].depends_on]
        if name in reached:
            message = f"`{shown(application.name)}` waits for itself through `depends_on`"
            hint = "delete one of the dependencies of the circle"
            place = _dependencies(application)
            problems.append(Problem(where=place, message=message, hint=hint))
    return problems


def _dependencies(application: Application) -> Where:
    return application.where_depends_on or application.where


def _contested_paths(together: Sequence[Manifest]) -> list[Problem]:
    seen: dict[tuple[str, str], tuple[Manifest, Where]] = {}
    problems = []
    for manifest in together:
        for router in manifest.routers:
            for route in router.routes:
                for path in route.paths:
                    owner = (manifest, route.where)
                    first, where = seen.setdefault((router.name, path), owner)
                    if first is not manifest:
                        message = f"path `{shown(path)}` of router `{shown(router.name)}` is taken"
                        hint = f"the route at {where} answers; choose another path"
                        problems.append(
                            Problem(
                                where=route.where,
                                message=message,
                                hint=hint,
                                severity=Severity.WARNING,
                            )
                        )
    return problems


def without_dockerfile(application: Application, beside: Sequence[str]) -> Problem:
    """The Dockerfile is not there; `beside` are paths in the same tree that look like one."""
    asked = application.dockerfile
    same = [path for path in beside if path.lower() == asked.lower()]
    if same:
        hint = f"there is `{same[0]}`; write it the same, upper and lower case too"
    elif beside:
        listed = ", ".join(f"`{path}`" for path in beside[:3])
        hint = f"there is {listed}; name it with `dockerfile` under `application`"
    else:
        hint = (
            "write one: `FROM` an image, `COPY . .`, `EXPOSE` the port the application listens on, "
            "`CMD` what starts it"
        )
    return Problem(
        where=application.where_dockerfile or application.where,
        message=f"there is no `{shown(asked)}` beside the manifest, expected a Dockerfile",
        hint=hint,
    )
