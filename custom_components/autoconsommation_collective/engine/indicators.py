"""Rates of an operation and of a home. Show a rate beside its kWh: alone it misleads.

Read the first two together and over a year: a small plant is always all used, a large one
always covers much. No *taux de couverture*: some mean allocated by consumption with it,
others production by consumption.
"""

from dataclasses import dataclass

WH_PER_KWH = 1000


def self_consumption_rate(allocated_wh: float, production_wh: float) -> float | None:
    """Taux d'autoconsommation: allocated by injected production, in [0, 1]; None without any.

    Of the operation: what its members took of what its plants injected. Wallonia: *taux de
    partage*.
    """
    return _part(allocated_wh, production_wh)


def self_production_rate(allocated_wh: float, consumption_wh: float) -> float | None:
    """Taux d'autoproduction: allocated by withdrawn consumption, in [0, 1]; None without any.

    Of a home: the part of what it drew from the grid that came from the neighbours.
    Wallonia: *taux d'autosuffisance*.
    """
    return _part(allocated_wh, consumption_wh)


def kwh_per_home(energy_wh: float, homes: int) -> float | None:
    """Energy of all homes together, in kWh for each of them; None without homes."""
    return _part(energy_wh / WH_PER_KWH, homes)


@dataclass(frozen=True, slots=True)
class Tally:
    """Energies of a period in Wh, of a home or of an operation. Tallies add up, rates do not."""

    production_wh: float
    """Injected into the grid, after own use."""
    consumption_wh: float
    """Withdrawn from the grid."""
    allocated_wh: float
    """The part of the one that met the other: at most the smaller of the two."""
    own_use_wh: float = 0.0
    """Used behind the meter by whoever produced it; in neither of the first two."""

    def __add__(self, other: Tally) -> Tally:
        """Both together: of two periods, or of two participants."""
        return Tally(
            self.production_wh + other.production_wh,
            self.consumption_wh + other.consumption_wh,
            self.allocated_wh + other.allocated_wh,
            self.own_use_wh + other.own_use_wh,
        )

    @property
    def surplus_wh(self) -> float:
        """Injected and allocated to nobody."""
        return self.production_wh - self.allocated_wh

    @property
    def complement_wh(self) -> float:
        """Withdrawn and delivered by the suppliers."""
        return self.consumption_wh - self.allocated_wh

    @property
    def self_consumption_rate(self) -> float | None:
        """Taux d'autoconsommation (Wallonia: taux de partage), in [0, 1]; None without any."""
        return self_consumption_rate(self.allocated_wh, self.production_wh)

    @property
    def self_production_rate(self) -> float | None:
        """Taux d'autoproduction (Wallonia: taux d'autosuffisance), in [0, 1]; None without any.

        Own use counts on neither side; with it, the rate is `self_sufficiency`.
        """
        return self_production_rate(self.allocated_wh, self.consumption_wh)

    @property
    def self_sufficiency(self) -> float | None:
        """Allocated and own use, by all that was used, in [0, 1]; None where nothing was."""
        return _part(
            self.allocated_wh + self.own_use_wh, self.consumption_wh + self.own_use_wh
        )

    @property
    def local_use(self) -> float | None:
        """Allocated and own use, by all that was generated, in [0, 1]; None where nothing was."""
        return _part(
            self.allocated_wh + self.own_use_wh, self.production_wh + self.own_use_wh
        )


def _part(part: float, whole: float) -> float | None:
    """Part by whole; None without a whole."""
    return part / whole if whole > 0 else None
