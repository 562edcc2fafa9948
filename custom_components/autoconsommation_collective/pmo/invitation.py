"""What an invitation looks like: one pasteable string, address and token."""

from dataclasses import dataclass, field
from ipaddress import ip_address
import re

from .errors import InvitationError, InvitationProblem
from .sealing import is_token

_WRAPPING = re.compile(r"[\s\u200b\u2060\ufeff\"<>«»“”‘’]+")
"""What mail clients put around or into an address; no address contains any of them."""

_SHAPE = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[\w.-]+|\[[0-9a-f:.]+\])"
    r"(?P<port>:[0-9]{1,5})?"
    r"(?P<path>/[^?#\\]*)?"
    r"(?:#(?P<fragment>.*))?",
    re.IGNORECASE,
)
_FRAGMENT = "acc="
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where the feed lies, and the token that opens one member's documents there."""

    base_url: str
    """Ends with a slash."""
    token: str = field(repr=False)

    @property
    def text(self) -> str:
        """The string to paste; the token stands in the fragment, which is never sent."""
        return f"{self.base_url}#{_FRAGMENT}{self.token}"


def parse_invitation(text: str) -> Invitation:
    """Read a pasted invitation; InvitationError tells what is wrong with it."""
    shape = _SHAPE.fullmatch(_WRAPPING.sub("", text).strip("'"))
    if shape is None or int((shape["port"] or ":0")[1:]) > _LAST_PORT:
        raise InvitationError(InvitationProblem.NOT_AN_ADDRESS)
    if not is_secure(shape["scheme"], shape["host"]):
        raise InvitationError(InvitationProblem.NOT_SECURE)
    fragment = shape["fragment"] or ""
    token = fragment.removeprefix(_FRAGMENT)
    if not token or token == fragment:
        raise InvitationError(InvitationProblem.TOKEN_MISSING)
    if not is_token(token):
        raise InvitationError(InvitationProblem.TOKEN_INCOMPLETE)
    address = f"{shape['scheme']}://{shape['host']}{shape['port'] or ''}".lower()
    return Invitation(f"{address}{(shape['path'] or '').rstrip('/')}/", token)


def is_secure(scheme: str, host: str) -> bool:
    """Whether nobody on the way can read along: TLS, or this very machine."""
    return scheme.lower() == "https" or is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by name or by address."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
