"""File names of the feed's documents; the same names stand in errors."""

OPERATION = "operation.json"
AGGREGATES = "aggregates.json"
FORECAST = "forecast.json"
MEMBER = "index.acc"
"""A member's own index, sealed."""
MEMBERS = "members/"
"""Begins the paths of all that is a member's own."""
NEED = "need.acc"
"""What a home tells, sealed; it is handed in, and never lies there."""

_SEALED = ".acc"


def aggregates_month(month: str) -> str:
    """File name of the aggregates of a month YYYY-MM."""
    return f"aggregates-{month}.json"


def member_month(month: str) -> str:
    """File name of a member's month YYYY-MM, sealed."""
    return f"{month}{_SEALED}"


def lies_as(name: str, digest: str | None) -> str:
    """File name under which a month lies, where its index tells the digest of its content."""
    if digest is None:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{digest}{dot}{ending}"


def lies_at(name: str, digest: str | None, home: str | None) -> str:
    """Path of a document under the feed's address: a member's lies in a folder of its own."""
    file = lies_as(name, digest)
    return f"{MEMBERS}{home}/{file}" if home else file


def is_sealed(name: str) -> bool:
    """Whether it lies sealed in a member's folder, and not in the open."""
    return name.endswith(_SEALED)
