"""Rates of an operation and of a home. Show a rate beside its kWh: alone it misleads."""


def self_consumption_rate(allocated_wh: float, production_wh: float) -> float | None:
    """Taux d'autoconsommation: allocated by injected production, in [0, 1]; None without any.

    Of the operation: what its members took of what its plants injected.
    """
    return allocated_wh / production_wh if production_wh > 0 else None


def self_production_rate(allocated_wh: float, consumption_wh: float) -> float | None:
    """Taux d'autoproduction: allocated by withdrawn consumption, in [0, 1]; None without any.

    Of a home: the part of what it drew from the grid that came from the neighbours.
    """
    return allocated_wh / consumption_wh if consumption_wh > 0 else None
