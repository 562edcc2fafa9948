"""Ours among the sources of the Energy dashboard: nothing else moves, nothing counts twice."""

from collections import Counter
from copy import deepcopy
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.energy_sources import (
    EXPORT_FIELDS,
    IMPORT_FIELDS,
    Meter,
    Ours,
    Source,
    Way,
    has_ours,
    is_doubled,
    set_up,
    undone,
)

METER = Meter(frozenset({"sensor.hp", "sensor.hc"}), frozenset({"sensor.eait"}))
CONSUMER = Ours(Way("acc:complement", "acc:complement_cost"), Way("acc:allocated"))
PRODUCER = Ours(
    CONSUMER.supplier,
    CONSUMER.community,
    Way("acc:surplus", "acc:income"),
    Way("acc:shared"),
)
OURS = st.sampled_from([CONSUMER, PRODUCER])


def grid(imported: str | None, exported: str | None = None, **others: Any) -> Source:
    """A grid connection."""
    return {
        "type": "grid",
        "stat_energy_from": imported,
        "stat_energy_to": exported,
        "cost_adjustment_day": 0.0,
        **others,
    }


SOLAR: Source = {"type": "solar", "stat_energy_from": "sensor.hp"}
"""Not of the grid, whatever it is called."""

told = st.fixed_dictionaries(
    {},
    optional={
        "stat_cost": st.sampled_from([None, "sensor.cost"]),
        "entity_energy_price": st.sampled_from([None, "sensor.price"]),
        "number_energy_price": st.just(0.2),
        "number_energy_price_export": st.just(0.1),
        "stat_rate": st.sampled_from(["sensor.power", "sensor.other_power"]),
        "name": st.just("Maison"),
    },
)
grids = st.builds(
    lambda imported, exported, others: grid(imported, exported, **others),
    st.sampled_from([None, "sensor.hp", "sensor.hc", "sensor.shed", "linky:1"]),
    st.sampled_from([None, "sensor.eait", "sensor.battery"]),
    told,
)


def accepted(sources: list[Source]) -> bool:
    """As Home Assistant does: no empty connection, no statistic in two of them."""
    shown = ("stat_energy_from", "stat_energy_to", "stat_rate")
    connections = [source for source in sources if source is not SOLAR]
    for field in shown:
        known = [s[field] for s in connections if s.get(field) is not None]
        if len(known) != len(set(known)):
            return False
    return all(any(s.get(field) for field in shown) for s in connections)


dashboards = st.lists(grids | st.just(SOLAR), max_size=5).filter(accepted)


@given(before=dashboards, ours=OURS)
def test_undone_is_as_it_was(before: list[Source], ours: Ours) -> None:
    """Source for source, field for field, in the same order; the given is not touched."""
    kept = deepcopy(before)
    after, replaced = set_up(before, ours, METER)
    again = undone(after, ours.statistics, replaced)
    assert before == kept
    assert again == before
    assert [list(source) for source in again] == [list(source) for source in before]


@given(before=dashboards, ours=OURS)
def test_nothing_counts_twice_and_nothing_is_lost(
    before: list[Source], ours: Ours
) -> None:
    """Ours stand once, the meter no more; all other energies and powers are still there."""
    after, _ = set_up(before, ours, METER)
    assert not any(is_doubled(source, ours, METER) for source in after)

    def shown(sources: list[Source], *fields: str) -> Counter[str]:
        return Counter(s[f] for s in sources for f in fields if s.get(f) is not None)

    for field, meter, mine in (
        ("stat_energy_from", METER.imports, (ours.supplier, ours.community)),
        (
            "stat_energy_to",
            METER.exports if ours.surplus else frozenset(),
            (ours.surplus, ours.shared),
        ),
    ):
        expected = shown(before, field) + Counter(way.energy for way in mine if way)
        # A solar source is none of the grid's.
        for gone in meter:
            expected[gone] = sum(
                s is SOLAR and s[field] == gone for s in before if field in s
            )
        assert shown(after, field) == +expected
    assert shown(after, "stat_rate") == shown(before, "stat_rate")


@given(before=dashboards, ours=OURS)
def test_others_stay_as_they_are(before: list[Source], ours: Ours) -> None:
    """The same objects, in their order."""
    after, replaced = set_up(before, ours, METER)
    others = [s for n, s in enumerate(before) if n not in {r.place for r in replaced}]
    assert [s for s in after if any(s is other for other in others)] == others


@given(before=dashboards, ours=OURS)
def test_set_up_again_is_the_same(before: list[Source], ours: Ours) -> None:
    """As it is done when a price has become known."""
    after, replaced = set_up(before, ours, METER)
    again, kept = set_up(undone(after, ours.statistics, replaced), ours, METER)
    assert (again, kept) == (after, replaced)
    assert has_ours(after, ours.statistics)
    assert not has_ours(before, ours.statistics)


@given(before=dashboards, ours=OURS, data=st.data())
def test_what_was_changed_elsewhere_since_is_kept(
    before: list[Source], ours: Ours, data: st.DataObject
) -> None:
    """Sources added and removed; what was replaced comes back in any case."""
    after, replaced = set_up(before, ours, METER)
    added = {"type": "gas", "stat_energy_from": "sensor.gas"}
    after.insert(data.draw(st.integers(0, len(after))), added)
    lost = after.pop(data.draw(st.integers(0, len(after) - 1)))
    again = undone(after, ours.statistics, replaced)
    assert not has_ours(again, ours.statistics)
    assert (added in again) == (lost is not added)
    for each in replaced:
        assert each.source in again


def test_in_the_place_of_the_meter() -> None:
    """Peak and off-peak hours: ours at the first, with what else that connection has."""
    before = [
        SOLAR,
        grid("sensor.hp", "sensor.eait", stat_rate="sensor.power", name="Maison"),
        grid("sensor.hc"),
        grid("sensor.shed"),
    ]
    after, replaced = set_up(before, CONSUMER, METER)
    assert [source.get("stat_energy_from") for source in after] == [
        "sensor.hp",
        "acc:complement",
        "acc:allocated",
        "sensor.shed",
    ]
    supplier, community = after[1:3]
    assert supplier["stat_cost"] == "acc:complement_cost"
    assert supplier["stat_energy_to"] == "sensor.eait"
    assert (supplier["stat_rate"], supplier["name"]) == ("sensor.power", "Maison")
    assert community.keys() == {
        "type", *IMPORT_FIELDS, *EXPORT_FIELDS, "cost_adjustment_day"
    }  # fmt: skip
    assert [each.place for each in replaced] == [1, 2]


def test_a_change_in_our_own_connection_is_kept() -> None:
    """A power sensor that was chosen since; the name that was given since."""
    before = [grid("sensor.hp", stat_cost="sensor.cost")]
    after, replaced = set_up(before, CONSUMER, METER)
    after[0] |= {"name": "Fournisseur", "stat_rate": "sensor.power"}
    assert undone(after, CONSUMER.statistics, replaced) == [
        before[0] | {"name": "Fournisseur", "stat_rate": "sensor.power"}
    ]


@pytest.mark.parametrize("n", [0, 1])
def test_an_empty_dashboard(n: int) -> None:
    """Ours alone; undone, it is empty again."""
    after, replaced = set_up([], [CONSUMER, PRODUCER][n], METER)
    assert len(after) == 2
    assert replaced == []
    assert undone(after, PRODUCER.statistics, replaced) == []
