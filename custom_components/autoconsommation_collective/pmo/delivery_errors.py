"""Why the file of an organiser or a grid operator is not read, in types the shell can translate."""

from enum import StrEnum
from typing import override

from ..engine.errors import AccError
from .cells import shown


class DeliveryProblem(StrEnum):
    """Why a file is refused."""

    FORMAT_UNKNOWN = "format_unknown"
    """Neither a table, a workbook, an archive nor a format of the grid operator."""
    NOTHING_IN_IT = "nothing_in_it"
    """No energy at all."""
    TOO_LARGE = "too_large"
    """The file itself, or a part that has to be read as a whole."""
    UNPACKS_TOO_LARGE = "unpacks_too_large"
    """An archive or a workbook of far more than its size, as those made to do harm."""
    TOO_MANY_VALUES = "too_many_values"
    """More steps, points or pieces than any operation has."""
    NOT_TEXT = "not_text"
    NOT_JSON = "not_json"
    """Not JSON at all, or cut off."""
    NOT_XML = "not_xml"
    """Not XML at all, or cut off."""
    XML_FORBIDDEN = "xml_forbidden"
    """With entities or a document type of its own."""
    NOT_A_WORKBOOK = "not_a_workbook"
    """Damaged, or not as spreadsheets save it."""
    OLD_WORKBOOK = "old_workbook"
    """As before 2007 (`.xls`), or locked with a password."""
    NOT_AN_ARCHIVE = "not_an_archive"
    """Damaged, or cut off."""
    PASSWORD_NEEDED = "password_needed"
    PASSWORD_WRONG = "password_wrong"
    LOCKED_BY_AES = "locked_by_aes"
    """An archive that only another program opens."""
    PACKED_OTHERWISE = "packed_otherwise"
    """By a method that is not read."""
    NAME_UNSAFE = "name_unsafe"
    """A name in an archive that leads out of its folder."""
    NESTED_TOO_DEEP = "nested_too_deep"
    """Archives within archives within archives."""
    NEEDS_MAPPING = "needs_mapping"
    """A table whose columns are not sure: somebody has to say what they are."""
    MAPPING_UNFIT = "mapping_unfit"
    """What was said of the columns does not suffice, or names none that there are."""
    BAD_ROW = "bad_row"
    """A line that cannot be parted into cells, or has more than its header."""
    BAD_TIME = "bad_time"
    """No time, one that local clocks skip, or one beside the grid of its steps."""
    BAD_NUMBER = "bad_number"
    """No number, or one that no operation has."""
    NEGATIVE_ENERGY = "negative_energy"
    UNIT_UNKNOWN = "unit_unknown"
    """None of W, kW, Wh and kWh."""
    UNITS_MIXED = "units_mixed"
    """Powers and energies in one series."""
    QUANTITY_UNKNOWN = "quantity_unknown"
    """A word for what is counted that is none of those known."""
    POINT_ROUNDED = "point_rounded"
    """A delivery point of which a spreadsheet kept only the first digits, as 3,0001E+13."""
    STEP_UNKNOWN = "step_unknown"
    """Times whose distances are no step of 5, 10, 15, 30 or 60 minutes."""
    STEPS_OVERLAP = "steps_overlap"
    """Steps of different lengths for the same time."""
    FIELD_MISSING = "field_missing"
    """Of a document of the grid operator."""
    FIELD_WRONG = "field_wrong"
    """Of a document of the grid operator: not of the type or not of the words known."""


class DeliveryError(AccError):
    """A file that is not read; no text of it ever holds a whole delivery point's number."""

    def __init__(
        self,
        problem: DeliveryProblem,
        *,
        file: str = "",
        field: str = "",
        step: str = "",
        found: str = "",
    ) -> None:
        """Name what is wrong, shortened; what does not apply stays empty."""
        self.problem = problem
        self.file = shown(file)
        """Name of the file, without its folder."""
        self.field = shown(field)
        """Column of a table, or path inside a document."""
        self.step = shown(step)
        """Line of a file, or start of a step."""
        self.found = shown(found)
        """What stands there."""
        super().__init__(problem, self.file, self.field, self.step, self.found)

    @property
    def placeholders(self) -> dict[str, str]:
        """What the translated texts of a problem name; a dash where there is nothing."""
        named = {
            "file": self.file,
            "field": self.field,
            "step": self.step,
            "found": self.found,
        }
        return {name: value or "–" for name, value in named.items()}

    @override
    def __str__(self) -> str:
        """One line for a log."""
        where = [self.file, self.step, self.field, self.found]
        return f"{self.problem.value}: {', '.join(filter(None, where))}"
