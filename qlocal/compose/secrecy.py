"""What looks like a secret, by its name or by what it holds."""

import re
from collections.abc import Iterable

_NAMES = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|WEBHOOK|APIKEY|ACCESSKEY"
    r"|CONNECTION_?STRING|(?:^|[_.])(?:PASS|KEY|SALT|DSN|JWT|PAT|AUTH|COOKIE)(?:[_.\d]|$)"
    r"|[_.]PWD(?:[_.\d]|$)|^REDISCLI_AUTH$|^QOVERY_JSON_B64$",
    re.IGNORECASE,
)
_VALUES = re.compile(
    # A login in a URI; the password may hold an unescaped `/`, but a port is none.
    r"://[^/@\s:]*:(?!\d{1,5}/)[^@\s]+@"
    # A token in place of the login.
    r"|://[^/@\s:]{16,}@"
    # password=…, "token": "…", in connection strings, queries and JSON.
    r"|(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|signature)"
    r"[\"']?\s*[=:]\s*[\"']?[^\s\"'&;,]"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\b(?:Bearer|Basic) [\w+/=.-]{8}"
    r"|\beyJ[\w-]{8,}\.[\w-]{4,}\."
    r"|\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|[sr]k_(?:live|test)_|AKIA|AIza)[\w-]{10}",
    re.IGNORECASE,
)
_SHORTEST = 8  # a shorter word may stand in a value by chance
_MOST = 1000


def looks_secret(name: str, value: str) -> bool:
    """A name that speaks of a secret, or a value that carries one."""
    spoken = re.sub("WITHOUT_CREDENTIALS?$", "", name, flags=re.IGNORECASE)
    return bool(_NAMES.search(spoken) or _VALUES.search(value))


def known_secrets(secrets: Iterable[str], public: Iterable[str]) -> tuple[str, ...]:
    """Those that betray a value which holds them. A password `postgres` does not: everybody
    knows the word.
    """
    known_to_all = {word.casefold() for word in public}
    found = {one for one in secrets if len(one) >= _SHORTEST and one.casefold() not in known_to_all}
    return tuple(sorted(found)[:_MOST])
