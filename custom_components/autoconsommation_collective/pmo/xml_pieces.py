"""Read XML piece by piece: nothing of it is kept, and what could do harm is refused."""

from collections.abc import Iterator, Mapping
from typing import IO, Final, Protocol
from xml.parsers import expat

from .delivery_errors import DeliveryError, DeliveryProblem

MAX_ELEMENTS: Final = 4_000_000
"""A year of quarter-hours of ten members has some three million; more takes too long."""
MAX_TEXT: Final = 32_767
"""Characters of one element, as many as a cell of a workbook may have."""
MAX_DEPTH: Final = 100
"""Of elements in elements: each is kept in mind until it ends."""
_PIECE = 2**16


class Handler(Protocol):
    """What is done with the elements, by their names without prefix."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""

    def end(self, name: str, text: str) -> None:
        """End an element; the text is what stands in it since the last tag."""


def pieces(file: str, stream: IO[bytes], handler: Handler) -> Iterator[None]:
    """Have the handler see all elements, and give way after each piece of the file.

    Raises DeliveryError on what is no XML, and on a document type: all that makes XML
    dangerous, as entities that grow and files that are fetched, begins with one.
    """
    reading = _Reading(file, handler)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.add
    parser.StartDoctypeDeclHandler = reading.refuse
    try:
        while piece := stream.read(_PIECE):
            parser.Parse(piece)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError, ValueError, LookupError:
        # Also encodings that are not known, and bytes that are none of theirs.
        raise DeliveryError(DeliveryProblem.NOT_XML, file=file) from None


class _Reading:
    """What was read of the element in progress."""

    def __init__(self, file: str, handler: Handler) -> None:
        self.file = file
        self.handler = handler
        self.n_elements = 0
        self.depth = 0
        self.text: list[str] = []
        self.n_characters = 0
        self.local: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.n_elements += 1
        self.depth += 1
        if self.n_elements > MAX_ELEMENTS or self.depth > MAX_DEPTH:
            raise DeliveryError(DeliveryProblem.TOO_MANY_VALUES, file=self.file)
        if self.text:
            self.text.clear()
            self.n_characters = 0
        self.handler.start(self.name(name), attributes)

    def end(self, name: str) -> None:
        self.depth -= 1
        text = "".join(self.text)
        if text:
            self.text.clear()
            self.n_characters = 0
        self.handler.end(self.name(name), text)

    def add(self, text: str) -> None:
        self.n_characters += len(text)
        if self.n_characters > MAX_TEXT:
            raise DeliveryError(DeliveryProblem.NOT_XML, file=self.file)
        self.text.append(text)

    def refuse(self, *_: object) -> None:
        raise DeliveryError(DeliveryProblem.XML_FORBIDDEN, file=self.file)

    def name(self, qualified: str) -> str:
        """The name without its prefix: programs choose these as they like."""
        local = self.local.get(qualified)
        if local is None:
            local = qualified.rpartition(":")[2]
            if len(self.local) < _MOST_NAMES:
                self.local[qualified] = local
        return local


_MOST_NAMES = 1_000
