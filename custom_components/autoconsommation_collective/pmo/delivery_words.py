"""The words of organisers and grid operators: what a column tells, and what is counted."""

from collections.abc import Mapping
from enum import StrEnum
import re
from typing import Final

from ..engine.blocks import Quantity
from .cells import plain, tidy, unmixed
from .units import Unit, read_unit


class Column(StrEnum):
    """What a column of a table tells."""

    TIME = "time"
    """A time with its day, which the column's name does not call start or end."""
    START = "start"
    END = "end"
    DAY = "day"
    CLOCK = "clock"
    POINT = "point"
    QUANTITY = "quantity"
    """In words, what the value of the line is."""
    PHYSICAL = "physical"
    """In words, whether the value is active or reactive."""
    UNIT = "unit"
    STEP = "step"
    VALUE = "value"
    """An energy of the quantity that the line or the mapping tells."""
    CONSUMPTION = "consumption"
    ALLOCATED = "allocated"
    PRODUCTION = "production"
    SURPLUS = "surplus"
    COMPLEMENT = "complement"
    LEFT = "left"
    """Not read."""

    @property
    def quantity(self) -> Quantity | None:
        """The quantity whose energies the column holds."""
        return Quantity(self.value) if self.value in Quantity else None


class Heading:
    """What the name of a column says."""

    def __init__(self, written: str) -> None:
        """Part the name into its words, its unit and its delivery point."""
        text = unmixed(tidy(written))
        self.point = point_in(text)
        bare = _NUMBER_OF_POINT.sub(" ", text)
        self.unit: Unit | None = None
        self.is_reactive = False
        tokens = []
        for token in _TOKEN.findall(plain(bare)):
            if unit := read_unit(token):
                self.unit = unit
            elif token in _REACTIVE_UNITS:
                self.is_reactive = True
            else:
                tokens.append(token)
        self.tokens: Final = tuple(tokens)
        self.name: Final = re.sub(
            r"[0-9]+", "#", plain(_NUMBER_OF_POINT.sub("#", text))
        )
        """By which a mapping names it: no number of a delivery point."""
        self.is_utc: Final = "utc" in tokens

    @property
    def column(self) -> Column | None:
        """What the column tells; None where its words leave it open."""
        word = "_".join(token for token in self.tokens if token != "utc")
        if self.is_reactive or "reactive" in self.tokens:
            return Column.LEFT
        if word in _COLUMNS:
            found = _COLUMNS[word]
            return Column.VALUE if found is Column.QUANTITY and self.unit else found
        tokens = {*self.tokens} - _OF_STEPS
        if tokens & _MOMENTS or (tokens and tokens <= _STARTS | _ENDS):
            if tokens & _STARTS:
                return Column.START
            return Column.END if tokens & _ENDS else Column.TIME
        if (column := _QUANTITIES.get(_essence(self.tokens))) is not None:
            return column
        if not _essence(self.tokens) and (self.tokens or self.point or self.unit):
            return Column.VALUE
        return None


def quantity_of(text: str) -> Column | None:
    """The quantity a cell names, as a column of its energies; LEFT for one that no rule uses."""
    return _QUANTITIES.get(_essence(_TOKEN.findall(plain(unmixed(text)))))


def is_reactive(text: str) -> bool:
    """Whether a unit or a physical quantity is that of reactive energy."""
    word = plain(unmixed(text))
    return word in _REACTIVE_UNITS or word in _REACTIVE or "reactive" in word


def point_in(text: str) -> str | None:
    """The number of a delivery point, a PRM of 14 digits or an EAN of 18; None without one."""
    match = _NUMBER_OF_POINT.search(text)
    return re.sub(r"\D", "", match[0]) if match else None


def minutes_of(text: str) -> int | None:
    """The minutes of a step, `30`, `30 min`, `PT30M` or `PT1H`; None where it is none."""
    if not (match := _STEP.fullmatch(plain(text))):
        return None
    hours, minutes = match["hours"], match["minutes"] or match["plain"]
    return int(hours or 0) * 60 + int(minutes or 0)


_NUMBER_OF_POINT = re.compile(r"(?<![0-9])(?:[0-9]{18}|[0-9]{14})(?![0-9])")
_TOKEN = re.compile(r"[a-z0-9]+")
_STEP = re.compile(
    r"pt(?:(?P<hours>[0-9]{1,2})h)?(?:(?P<minutes>[0-9]{1,4})m)?"
    r"|(?P<plain>[0-9]{1,4})(?:_?mn|_?min|_?minutes?)?"
)
_REACTIVE_UNITS = {"var", "kvar", "varh", "kvarh"}
_REACTIVE = {"er", "pr", "pri", "prc", "eri", "erc"}

_MOMENTS = {
    "horodate", "horodatage", "date", "datetime", "timestamp", "heure", "time", "moment",
}  # fmt: skip
_OF_STEPS = {"de", "du", "d", "la", "l", "periode", "intervalle", "pas", "iso", "utc"}
"""Words around those for a beginning or an end."""
_STARTS = {"debut", "start", "from", "begin", "depuis"}
_ENDS = {"fin", "end", "to", "until"}

_LEFT = (
    "nature", "statut", "qualite", "etat", "etat_complementaire", "ec", "iv", "tc", "n",
    "indice_de_vraisemblance", "indice_de_qualite", "mode_calcul", "mode_de_calcul",
    "type_de_correction", "type_completion", "etape_metier", "commentaire", "libelle",
    "nom", "adresse", "convention", "operation", "autoprod", "type_de_donnees",
    "type_de_donnee",
)  # fmt: skip
_COLUMNS: Mapping[str, Column] = {
    **dict.fromkeys(("jour", "day"), Column.DAY),
    **dict.fromkeys(("heure", "time", "hour"), Column.CLOCK),
    **dict.fromkeys(
        (
            "prm", "pdl", "ean", "point", "id_prm", "id_pdl", "identifiant_prm",
            "identifiant_pdl", "numero_prm", "numero_pdl", "n_prm", "n_pdl", "code_ean",
            "numero_ean", "point_de_livraison", "usage_point_id", "point_id", "pds",
            "identifiant_pds", "prm_id",
        ),
        Column.POINT,
    ),
    **dict.fromkeys(
        (
            "grandeur_metier", "grandeur", "quantite", "quantity", "type", "sens",
            "direction", "flux", "type_de_flux", "type_de_courbe",
        ),
        Column.QUANTITY,
    ),
    **dict.fromkeys(("grandeur_physique", "physical_quantity"), Column.PHYSICAL),
    **dict.fromkeys(("unite", "unit"), Column.UNIT),
    **dict.fromkeys(
        ("pas", "pas_en_minutes", "pas_de_temps", "step", "step_minutes"), Column.STEP
    ),
    **dict.fromkeys(_LEFT, Column.LEFT),
}  # fmt: skip
"""Names as they stand, without case and accents; the others are read by their words."""

_FILLING = {
    "energie", "energies", "energy", "puissance", "power", "moyenne", "mean", "active",
    "electrique", "ea", "pa", "courbe", "de", "des", "la", "le", "l", "du", "d", "en",
    "charge", "totale", "total", "brut", "brute", "valeur", "valeurs", "value", "wh",
}  # fmt: skip
"""Words that say nothing of whose energy it is."""

_QUANTITIES: Mapping[str, Column] = {
    **dict.fromkeys(
        (
            "cons", "conso", "consommation", "consommations", "consommee", "consumption",
            "soutirage", "soutiree", "soutire", "prelevement", "prelevee", "preleve",
            "withdrawal",
        ),
        Column.CONSUMPTION,
    ),
    **dict.fromkeys(
        (
            "autocons", "allocated", "allouee", "alloue", "attribuee", "attribue",
            "affectee", "affecte", "part_allouee", "part_attribuee",
            "prelevement_partage", "consommation_allouee", "consommation_attribuee",
        ),
        Column.ALLOCATED,
    ),
    **dict.fromkeys(
        (
            "prod", "production", "productions", "produite", "injection", "injectee",
            "injecte", "export",
        ),
        Column.PRODUCTION,
    ),
    **dict.fromkeys(("surplus", "injection_nette", "injection_net"), Column.SURPLUS),
    **dict.fromkeys(
        ("complement", "prelevement_net", "fournisseur", "part_fournisseur"),
        Column.COMPLEMENT,
    ),
    **dict.fromkeys(("autoprod", "injection_partagee", "injection_partage"), Column.LEFT),
}  # fmt: skip
"""*Autoconsommation* and *autoconsommée* are not among them: with some they are what a
consumer was allocated, with others what a producer gave."""


def _essence(tokens: list[str] | tuple[str, ...]) -> str:
    return "_".join(token for token in tokens if token not in _FILLING)
