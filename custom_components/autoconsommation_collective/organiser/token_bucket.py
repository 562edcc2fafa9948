"""How often somebody may ask for what is not there, by address; without a clock of its own."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

BURST: Final = 30
"""Wrong questions that are answered at once: a home whose member has left asks for its index,
and a home that was just invited may be a minute too early."""
PER_SECOND: Final = 0.1
MOST_ADDRESSES: Final = 1000
"""Remembered; of more, those that have been silent longest are forgotten."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    is_told: bool = False


class TokenBuckets:
    """A bucket of tokens for each address."""

    def __init__(self) -> None:
        """Everybody's is full."""
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_s(self, address: str, now: float) -> float:
        """Take a token; how many seconds to wait where none is left, 0 where one was."""
        bucket = self._buckets.pop(address, None) or _Bucket(BURST, now)
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.at) * PER_SECOND)
        bucket.at = now
        self._buckets[address] = bucket
        while len(self._buckets) > MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0.0
        return (1 - bucket.tokens) / PER_SECOND

    def is_first(self, address: str) -> bool:
        """Whether nobody was told yet that the address has to wait."""
        bucket = self._buckets[address]
        was_told, bucket.is_told = bucket.is_told, True
        return not was_told
