"""Everybody's month as the grid operator sends it: a table for each point, in a locked archive."""

from collections.abc import Iterable
import io
import zipfile

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import Curve

from .locked import locked
from .village import TIME_ZONE

PASSWORD = "mot de passe reçu par courriel"
"""Of the archive, exactly as it was received."""
CODES = {
    Quantity.CONSUMPTION: "CONS",
    Quantity.ALLOCATED: "AUTOCONS",
    Quantity.PRODUCTION: "PROD",
    Quantity.SURPLUS: "SURPLUS",
}
"""As the grid operator calls them."""
HEADER = "Identifiant PRM;Grandeur métier;Unité;Début;Valeur"


def archive(curves: Iterable[Curve], password: str) -> bytes:
    """A month as the grid operator sends it: a file for each point, in a locked archive."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as packed:
        for curve in curves:
            packed.writestr(f"{curve.point}.csv", "\r\n".join(_lines(curve)))
    return locked("export.zip", inner.getvalue(), password)


def _lines(curve: Curve) -> list[str]:
    """A line for each value, in local time."""
    lines = [HEADER]
    for block in curve.blocks:
        times = [
            f"{(block.start + n * block.step).astimezone(TIME_ZONE):%d/%m/%Y %H:%M}"
            for n in range(block.n_steps)
        ]
        for quantity, energies in block.energies.items():
            begin = f"{curve.point};{CODES[quantity]};Wh;"
            lines += [
                f"{begin}{at};{wh:.0f}"
                for at, wh in zip(times, energies.tolist(), strict=True)
            ]
    return lines
