"""What a translation cannot know by itself: the identity, and what the environment remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from qlocal.compose.attached import attach
from qlocal.compose.naming import (
    LABEL,
    LABEL_SERVICE,
    LABEL_STORE,
    Environment,
)
from qlocal.compose.roster import PlacedService
from qlocal.compose.scopes import Variable
from qlocal.services import Credentials, Instance

_NOBODY = Credentials(username="", password="", database="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """What runs where `requested` was asked for. `version` is "" unless it is a stand-in."""

    requested: str
    reference: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`credentials` and `ports` go by service name, `images` by the reference asked for. `store`
    tells one $QLOCAL_HOME from another. `outside` is what `$NAME` stands for in qlocal.yml.
    `variables` are what users set by command, by application's service.
    """

    environment: Environment
    is_production: bool = False
    credentials: Mapping[str, Credentials] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    images: Mapping[str, Image] = field(default_factory=dict)
    early_probes: bool = True
    store: str = ""
    outside: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, tuple[Variable, ...]] = field(default_factory=dict, repr=False)

    def image(self, requested: str) -> Image:
        return self.images.get(requested) or Image(requested=requested, reference=requested)

    def instance(self, placed: PlacedService) -> Instance:
        """As containers find it."""
        there = attach(placed, self.outside)
        credentials = self.credentials.get(placed.service, _NOBODY)
        if not placed.kind.has_login(placed.declared.version):
            credentials = replace(credentials, username="", password="")
        return Instance(
            name=placed.declared.name,
            version=placed.declared.version,
            host=there.address if there else placed.service,
            port=there.port if there else placed.kind.port,
            credentials=there.credentials if there else credentials,
        )

    @property
    def environment_labels(self) -> dict[str, str]:
        owner = {LABEL_STORE: self.store} if self.store else {}
        return {LABEL: "1"} | self.environment.labels | owner

    def labels(self, service: str) -> dict[str, str]:
        return self.environment_labels | {LABEL_SERVICE: service}
