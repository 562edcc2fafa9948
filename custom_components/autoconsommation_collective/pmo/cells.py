"""What stands in a cell: words, numbers, and what an error may show of them."""

import math
import re
import unicodedata


def number(text: str) -> float | None:
    """The finite number written there, with a decimal point or comma; None where none is."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text.translate(_AS_PYTHON))
    return value if math.isfinite(value) else None


def fraction(text: str) -> float | None:
    """The number written there, `20 %` being 0.2; None where none is."""
    if not text.endswith("%"):
        return number(text)
    percent = number(text[:-1].rstrip())
    return None if percent is None else percent / 100


def perhaps_percent(text: str) -> str:
    """What stands where a part of the whole should, with what may be meant: `20 (20 %, 0.2)`."""
    value = number(text)
    if value is None or not 1 < value <= 100:
        return text
    return f"{text} ({value:g} %, {value / 100:g})"


def spell_line(line: int) -> str:
    """The number of a line as errors tell it, in English sentences and in French ones."""
    return f"l. {line}"


def tidy(text: str) -> str:
    """The text, however its spaces and accents are encoded."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def plain(text: str) -> str:
    """A word without case and accents: of *Premier jour*, `premier_jour`."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return "_".join(re.split(r"[\s_-]+", bare.strip()))


def unmixed(text: str) -> str:
    """The text as it was meant, where its UTF-8 was once read in another encoding: *Ã©* is *é*."""
    for _ in range(_MOST_MIXED):
        if not _MIXED.search(text):
            break
        for encoding in ("cp1252", "latin-1"):
            try:
                text = text.encode(encoding).decode("utf-8")
                break
            except UnicodeError:
                continue
        else:
            break
    return text


def shown(text: str) -> str:
    """What an error may repeat of a file: short, on one line, no delivery point's number."""
    masked = _DELIVERY_POINT.sub(_last_digits, tidy(text))
    short = masked if len(masked) <= _MAX_SHOWN else f"{masked[:_MAX_SHOWN]}…"
    return "".join(c if c.isprintable() else "·" for c in short)


_SPACES = " \u00a0\u2009\u202f"
"""What parts thousands: a space, one that does not break, a thin one, or both."""
_NUMBER = re.compile(
    rf"[+-]?(?:(?:[0-9]+|[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+)(?:[.,][0-9]*)?|[.,][0-9]+)"
    r"(?:[eE][+-]?[0-9]{1,3})?"
)
"""Spreadsheets write what is small or large with an exponent."""
_AS_PYTHON = str.maketrans(",", ".", _SPACES)

_MIXED = re.compile(r"[ÂÃâ][\u0080-\u2122]")
"""The first byte of an accent of UTF-8, as another encoding has it, and one that follows."""
_MOST_MIXED = 2
"""Some files went through two programs that did it."""

_DELIVERY_POINT = re.compile(r"[0-9](?:[\s._/-]?[0-9]){13,}")
"""A PRM has 14 digits, an EAN 18, perhaps in groups; nothing worth showing has so many."""
_MAX_SHOWN = 60
"""Errors end in logs and notifications, and a cell may hold a page."""


def _last_digits(match: re.Match[str]) -> str:
    digits = "".join(c for c in match[0] if c.isdigit())
    return f"…{digits[-3:]}"
