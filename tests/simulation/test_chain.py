"""What the chain begins with: a locked file that loses nothing, and who is chosen by name."""

from datetime import UTC, datetime

import numpy as np
import pytest

from custom_components.autoconsommation_collective.pmo.deliveries import read
from custom_components.autoconsommation_collective.pmo.delivery_errors import (
    DeliveryError,
)
from script.simulation.archive import PASSWORD, archive
from script.simulation.desk import _option
from script.simulation.errors import DemoError
from script.simulation.organiser import Organiser, delivered
from script.simulation.village import TIME_ZONE, found_village

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def test_everybodys_month_is_read_from_its_archive() -> None:
    """With the password as it was received, and with no other."""
    organiser = Organiser(found_village(), NOW)
    told = {one.point: one for one in delivered(organiser, organiser.months[-1])}
    body = archive(told.values(), PASSWORD)
    found = read("mois.zip", body, TIME_ZONE, password=PASSWORD).curves
    assert {one.point for one in found} == told.keys()
    for one in found:
        (block,), (sent,) = one.blocks, told[one.point].blocks
        assert block.start == sent.start
        assert block.energies.keys() == sent.energies.keys()
        for quantity, energies in block.energies.items():
            assert np.array_equal(energies, sent.energies[quantity])
    with pytest.raises(DeliveryError):
        read("mois.zip", body, TIME_ZONE, password=PASSWORD.strip("l"))


def test_a_participant_is_chosen_by_its_whole_name() -> None:
    """Not by how another's begins; who is not offered is told."""
    options = [
        {"value": f"id{n}", "label": f"Home {n} (…01{n:02})"} for n in (20, 2, 21)
    ]
    asked = [{"selector": {"select": {"options": options}}}]
    step = {"step_id": "invite", "data_schema": asked}
    assert _option(step, "Home 2") == "id2"
    with pytest.raises(DemoError, match="Home 3 is not offered in invite"):
        _option(step, "Home 3")
