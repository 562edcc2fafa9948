"""What of the grid operator's interface for collective self-consumption is not established.

Its documentation and a client in use differ on the host that hands out tokens, so that both are
asked in turn. Nothing public tells whether the end of a period is included, how long a token
lasts where the answer does not say, and whether a month that is not settled yet is answered with
404 or with nothing in it: the code that uses these names takes either.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class AccHosts:
    """Where the interface is asked; addresses without a path."""

    api: str
    tokens: tuple[str, ...]
    """In the order in which they are tried."""


_PRODUCTION: Final = "https://gw.ext.prod.api.enedis.fr"
_SANDBOX: Final = "https://gw.ext.prod-sandbox.api.enedis.fr"
PRODUCTION: Final = AccHosts(
    _PRODUCTION, (_PRODUCTION, "https://ext.prod.api.enedis.fr")
)
SANDBOX: Final = AccHosts(_SANDBOX, (_SANDBOX,))
TOKEN_PATH: Final = "/oauth2/v3/token"
USUAL_LIFE: Final = timedelta(minutes=30)
"""Of a token that does not say how long it lasts."""
