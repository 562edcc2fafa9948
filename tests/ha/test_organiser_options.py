"""What an organiser does through the options: participants, key, price, months, publishing."""

from dataclasses import replace
from datetime import date, timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.engine.model import (
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.perimeter import (
    DistanceDerogation,
)
from custom_components.autoconsommation_collective.engine.roster import (
    KeyPart,
    Participant,
    Place,
    Solidarity,
)
from custom_components.autoconsommation_collective.organiser.books import Books
from custom_components.autoconsommation_collective.organiser.settings import Settings
from custom_components.autoconsommation_collective.pmo.invitation import (
    parse_invitation,
)
from custom_components.autoconsommation_collective.pmo.roster_table import (
    written_participants,
)
from script.feed_check import check
from tests.engine.organised_cases import random_curves

from .flows import suggested
from .house import NOW, settle_down
from .organised import (
    FIRST,
    MONTH,
    NAME,
    at,
    books_of,
    coordinator_of,
    curves,
    home,
    next_step,
    organise,
    shown,
    uploaded,
)

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("disk", "socket_enabled"),
]

HOMES = tuple(home(n) for n in range(4))
ISSOUDUN = Place(46.948, 1.994, "Issoudun", 5)
"""A rural town."""
SOMEBODY: dict[str, Any] = {
    "name": "  Mairie  d'Issoudun ",
    "point": "3000 1234 5699 99",
    "role": "consumer",
    "first_day": "2026-12-01",
    "pending": True,
    "is_household": False,
    "follows": False,
    "is_solidarity": False,
    "tell_place": False,
}
SINCE = Validity(FIRST)


@pytest.fixture
async def entry(hass: HomeAssistant) -> MockConfigEntry:
    """Four homes."""
    hass.config.time_zone = "Europe/Paris"
    return await organise(hass, *HOMES)


def told(result: ConfigFlowResult, name: str = "report") -> str:
    """What a form says."""
    return str((result["description_placeholders"] or {})[name])


def known(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """The same; each of its errors has words."""
    folder = Path(__file__).parents[2] / "custom_components" / DOMAIN
    texts = json.loads((folder / "translations/en.json").read_text())["options"]
    assert set((result.get("errors") or {}).values()) <= texts["error"].keys()
    return result


# Participants


async def test_somebody_new(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Waiting for the grid operator: in the list, and not among the participants of today."""
    result = await at(hass, entry, "participants", "participant_new")
    result = await next_step(hass, result, SOMEBODY)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "participants")
    assert "Mairie d'Issoudun (…9999)" in told(result, "list")
    one = books_of(entry).roster.participants[-1]
    assert (one.name, one.point) == ("Mairie d'Issoudun", "30001234569999")
    assert one.membership == (Validity(date(2026, 12, 1), pending=True),)
    assert one.consent == ()
    assert not one.is_household
    assert one.id and one.id not in {h.id for h in HOMES}
    assert shown(hass, "members_today").state == "4"
    assert entry.options == {}


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        pytest.param(
            {"point": "123"}, {"point": "invalid_delivery_point"}, id="too short"
        ),
        pytest.param({"point": HOMES[2].point}, {"point": "point_taken"}, id="taken"),
        pytest.param({"name": "  "}, {"name": "name_missing"}, id="no name"),
        pytest.param(
            {"last_day": "2026-11-30"}, {"last_day": "ends_before"}, id="ends before"
        ),
        pytest.param(
            {"consent_last_day": "2026-12-31"},
            {"consent_first_day": "consent_begins_when"},
            id="agrees until, but not from",
        ),
    ],
)
async def test_what_cannot_be_of_somebody(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    wrong: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """Told at its field; nothing is kept."""
    result = await at(hass, entry, "participants", "participant_new")
    result = known(hass, await next_step(hass, result, SOMEBODY | wrong))
    assert result["errors"] == errors
    assert books_of(entry).roster.participants == HOMES


async def changing(
    hass: HomeAssistant, entry: MockConfigEntry, id_: str
) -> ConfigFlowResult:
    """The form about somebody in the list."""
    result = await at(hass, entry, "participants", "participant_choose")
    return await next_step(hass, result, {"participant": id_})


async def test_leaving_and_coming_back(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Two stretches of days, the first as it was."""
    result = await changing(hass, entry, "id2")
    left = suggested(result) | {"last_day": "2026-06-30"}
    await next_step(hass, result, left)
    first = Validity(FIRST, date(2026, 6, 30))

    def participant(id_: str) -> Participant:
        """As it is now."""
        found = books_of(entry).roster.participant(id_)
        assert found is not None
        return found

    assert participant("id2").membership == (first,)
    result = await changing(hass, entry, "id2")
    assert "01/01/2025 to 30/06/2026" in told(result, "spans")
    back = suggested(result) | {"first_day": "2026-09-01"}
    del back["last_day"]
    await next_step(hass, result, back)
    one = participant("id2")
    assert one.membership == (first, Validity(date(2026, 9, 1)))
    # A form that is sent as it was filled changes nothing.
    result = await changing(hass, entry, "id2")
    await next_step(hass, result, suggested(result))
    assert participant("id2") == one


@pytest.mark.parametrize("id_", ["id1", "id3"], ids=["invited", "not invited"])
async def test_somebody_entered_by_mistake(
    hass: HomeAssistant, entry: MockConfigEntry, tmp_path: Path, id_: str
) -> None:
    """Off the list, keys and all; what was published of it goes with the next publication."""
    books, folder = books_of(entry), tmp_path / "feed"
    await books.async_set_settings(Settings(str(folder)))
    await books.async_invite("id1")
    await coordinator_of(entry).async_publish()
    lies = folder / "members" / books.keys["id1"].path
    assert lies.exists()
    result = await changing(hass, entry, id_)
    result = await next_step(hass, result, suggested(result) | {"remove": True})
    assert result["step_id"] == "participant_remove"
    (one,) = (each for each in HOMES if each.id == id_)
    assert told(result, "name") == one.name
    assert books.roster.participants == HOMES
    result = await next_step(hass, result, {})
    assert result["step_id"] == "participants"
    assert one.name not in told(result, "list")
    assert books.roster.participant(id_) is None
    assert id_ not in books.keys
    assert shown(hass, "members_today").state == "3"
    await coordinator_of(entry).async_publish()
    assert lies.exists() is (id_ != "id1")
    again = Books(hass, coordinator_of(entry).key, books.roster)
    await again.async_load()
    assert again.roster == books.roster
    assert again.keys.keys() == books.keys.keys()


async def test_who_took_part_is_not_taken_off_the_list(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Its month would be shared otherwise; somebody of whom no month tells anything may go."""
    books = books_of(entry)
    await books.async_take_in(Delivery(tuple(random_curves(HOMES[:3]))))
    before = books.roster
    result = await changing(hass, entry, "id1")
    result = await next_step(hass, result, suggested(result) | {"remove": True})
    result = known(hass, await next_step(hass, result, {}))
    assert result["errors"] == {"remove": "took_part"}
    assert books.roster == before
    await next_step(hass, result, suggested(result) | {"last_day": "2026-11-30"})
    assert (one := books.roster.participant("id1"))
    assert one.membership == (Validity(FIRST, date(2026, 11, 30)),)
    assert await books.async_forget("id3")
    assert books.reports[MONTH].missing == {}


async def test_nobody_is_forgotten_where_a_month_cannot_be_read(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path
) -> None:
    """It may be in there."""
    books = books_of(entry)
    await books.async_take_in(Delivery(tuple(random_curves(HOMES[:1]))))
    (path,) = disk.glob("*.npz")
    path.write_bytes(b"damaged")
    assert not await books.async_forget("id3")
    assert books.roster.participants == HOMES


async def test_a_new_participant_is_not_asked_whether_it_is_one(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """There is nothing to take off the list yet."""
    result = await at(hass, entry, "participants", "participant_new")
    assert result["data_schema"] is not None
    assert "remove" not in result["data_schema"].schema


async def test_a_coefficient_that_changes(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Asked for under a static key only, and from a day on."""
    result = await changing(hass, entry, "id1")
    assert result["data_schema"] is not None
    assert "coefficient_percent" not in result["data_schema"].schema
    books = books_of(entry)
    (key,) = books.roster.keys
    static = replace(books.roster, keys=(replace(key, choice="static"),))
    await books.async_change(lambda _: static)
    for percent, since in ((25, "2026-01-01"), (30, "2026-11-01")):
        result = await changing(hass, entry, "id1")
        part = {"coefficient_percent": percent, "part_since": since}
        result = await next_step(hass, result, suggested(result) | part)
        # Of the others nothing is known yet.
        assert "lacks what the key goes by" in told(result, "notes")
    assert (one := books.roster.participant("id1"))
    assert [(p.validity, p.coefficient) for p in one.key_parts] == [
        (Validity(date(2026, 1, 1), date(2026, 10, 31)), 0.25),
        (Validity(date(2026, 11, 1)), 0.3),
    ]


async def test_who_is_too_far_is_told_and_kept(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """With the distance, the limit and where that stands."""
    books = books_of(entry)
    placed = [replace(h, place=ISSOUDUN) for h in HOMES]
    await books.async_change(lambda known: replace(known, participants=tuple(placed)))
    result = await changing(hass, entry, "id3")
    result = await next_step(hass, result, suggested(result) | {"tell_place": True})
    assert result["step_id"] == "participant_place"
    place = suggested(result)
    assert (place["commune"], place["density_class"]) == ("Issoudun", "5")
    place["place"] = {"latitude": 46.998, "longitude": 1.994}
    result = await next_step(hass, result, place | {"peak_power_kw": 3.0})
    notes = told(result, "notes")
    assert "Foyer 3 lies 5.6 km from Foyer 2; 2.0 km are allowed (arrêté" in notes
    result = await next_step(hass, result, {})
    assert result["step_id"] == "participants"
    assert (one := books.roster.participant("id3")) and one.place and one.panels
    assert one.place.latitude_deg == 46.998
    # A derogation by the density of rural communes allows it.
    granted = replace(books.roster, derogation=DistanceDerogation())
    await books.async_change(lambda _: granted)
    result = await changing(hass, entry, "id3")
    result = await next_step(hass, result, suggested(result) | {"tell_place": True})
    result = await next_step(hass, result, suggested(result))
    assert "within the rule" in told(result, "notes")


async def test_a_place_needs_its_density(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """And without a commune there is no place."""
    result = await changing(hass, entry, "id3")
    result = await next_step(hass, result, suggested(result) | {"tell_place": True})
    told_place = suggested(result) | {"commune": "Déols", "body": "other"}
    result = known(hass, await next_step(hass, result, told_place))
    assert result["errors"] == {"density_class": "density_missing"}
    result = await next_step(hass, result, {"body": "other"})
    assert result["step_id"] == "participants"
    assert books_of(entry).roster.participants == HOMES


async def test_a_table(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Who is new, changed, gone; nothing is kept before that was confirmed."""
    table = (replace(HOMES[1], name="Foyer un"), home(9))
    file_id = await uploaded(
        hass, hass_client, written_participants(table).encode(), "liste.csv"
    )
    result = await at(hass, entry, "participants", "participants_upload")
    result = await next_step(hass, result, {"table": file_id})
    report = told(result)
    assert "New: 1 (Foyer 9)" in report
    assert "Changed: 1 (Foyer un)" in report
    assert "kept: 3 (Foyer 0, Foyer 2, Foyer 3)" in report
    assert books_of(entry).roster.participants == HOMES
    result = await next_step(hass, result, {})
    assert result["step_id"] == "participants"
    people = books_of(entry).roster.participants
    assert [one.name for one in people] == [
        *("Foyer 0", "Foyer un", "Foyer 2", "Foyer 3", "Foyer 9")
    ]
    assert people[1].id == "id1"


async def test_a_table_with_a_fault(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """The line and the column, and no delivery point."""
    point = HOMES[1].point
    body = f"nom;prm;role;du\nAnna;{point};consommateur;hier\n".encode()
    file_id = await uploaded(hass, hass_client, body, "liste.csv")
    result = await at(hass, entry, "participants", "participants_upload")
    result = known(hass, await next_step(hass, result, {"table": file_id}))
    assert result["errors"] == {"base": "file_not_read"}
    assert "liste.csv" in told(result, "problem")
    assert "hier" in told(result, "problem")
    assert point not in told(result, "problem")
    result = known(hass, await next_step(hass, result, {"table": file_id}))
    assert result["errors"] == {"table": "file_gone"}


# Key, price, derogation, name


async def test_another_key_from_a_day_on(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """The one before ends the day before; months are worked out anew."""
    books = books_of(entry)
    await books.async_take_in(Delivery(tuple(random_curves(HOMES))))
    await books.async_set_publishing(replace(books.publishing, due=frozenset()))
    result = await at(hass, entry, "sharing", "key")
    assert "since 01/01/2025" in told(result, "list")
    assert suggested(result)["key"] == "prorata"
    new = {"key": "equal", "solidarity": "none", "since": "2026-10-16"}
    result = await next_step(hass, result, new)
    assert result["reason"] == "changed"
    assert [(k.choice, k.validity.last_day) for k in books.roster.keys] == [
        ("prorata", date(2026, 10, 15)),
        ("equal", None),
    ]
    assert books.publishing.due == {MONTH}
    assert (worked_out := await books.async_month(MONTH))
    assert worked_out.report.is_complete


async def test_solidarity(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """A donated part; what cannot be is refused, with the reason."""
    books = books_of(entry)
    in_need = replace(HOMES[3], key_parts=(KeyPart(SINCE, is_solidarity=True),))
    await books.async_change(lambda known: known.with_participant(in_need))
    donated = {"key": "prorata", "solidarity": "donated", "since": "2026-12-01"}
    result = await at(hass, entry, "sharing", "key")
    result = known(hass, await next_step(hass, result, donated))
    assert result["errors"] == {"donated_percent": "donated_not_a_part"}
    wrong = donated | {"key": "priority_fair", "donated_percent": 10}
    result = known(hass, await next_step(hass, result, wrong))
    assert result["errors"] == {"base": "key_not_possible"}
    assert told(result, "problem")
    await next_step(hass, result, donated | {"donated_percent": 10})
    key = books.roster.keys[-1]
    assert (key.solidarity, key.donated) == (Solidarity.DONATED, 0.1)


async def test_another_price(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """From a day on."""
    result = await at(hass, entry, "sharing", "price")
    sale = {"price_model": "sale", "since": "2027-01-01"}
    result = known(hass, await next_step(hass, result, sale))
    assert result["errors"] == {"price_allocated": "price_missing"}
    await next_step(hass, result, sale | {"price_allocated": 0.12})
    gift, sold = books_of(entry).roster.prices
    assert (gift.model, gift.validity.last_day) == (
        PriceModel.GIFT,
        date(2026, 12, 31),
    )
    assert (sold.model, sold.eur_per_kwh) == (PriceModel.SALE, 0.12)
    result = await at(hass, entry, "sharing", "price")
    assert "12.0 cents per kWh: since 01/01/2027" in told(result, "list")


async def test_a_derogation(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Of more than may be granted it is none."""
    result = await at(hass, entry, "sharing", "derogation")
    granted = {"derogation": "distance", "own_km": 25, "communes": ["Déols", " "]}
    result = known(hass, await next_step(hass, result, granted))
    assert result["errors"] == {"own_km": "own_km_not_possible"}
    await next_step(hass, result, granted | {"own_km": 15})
    assert books_of(entry).roster.derogation == DistanceDerogation(
        15, frozenset({"Déols"})
    )
    result = await at(hass, entry, "sharing", "derogation")
    assert suggested(result) == granted | {"own_km": 15, "communes": ["Déols"]}


async def test_another_name(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """And an agreement, as the grid operator writes it."""
    result = await at(hass, entry, "sharing", "named")
    assert suggested(result)["operation_name"] == NAME
    wrong = {"operation_name": "Boischaut", "agreement": "12", "step_minutes": "15"}
    result = known(hass, await next_step(hass, result, wrong))
    assert result["errors"] == {"agreement": "agreement_not_one"}
    await next_step(hass, result, wrong | {"agreement": "acc00000456"})
    roster = books_of(entry).roster
    assert (roster.name, roster.agreement) == ("Boischaut", "ACC00000456")
    assert roster.step == timedelta(minutes=15)


# Months


async def test_a_month(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """What it comes to is shown before it is kept."""
    points = [h.point for h in HOMES]
    file_id = await uploaded(hass, hass_client, curves(points))
    result = await at(hass, entry, "month")
    result = await next_step(hass, result, {"file": file_id})
    assert result["step_id"] == "month_confirm"
    assert told(result).startswith("- 10/2026: everything is there.")
    assert "as worked out here" in told(result)
    books = books_of(entry)
    assert await books.async_months() == []
    result = await next_step(hass, result, {"publish_now": False})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "imported")
    assert await books.async_months() == [MONTH]
    assert float(shown(hass, "shared_month").state) > 0


async def test_a_month_with_something_missing_or_odd(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """By name and days; of strangers only the last digits."""
    points = [h.point for h in HOMES[:3]] + ["99000000000044"]
    file_id = await uploaded(hass, hass_client, curves(points))
    result = await at(hass, entry, "month")
    result = await next_step(hass, result, {"file": file_id})
    report = told(result)
    assert "something is missing or odd" in report
    assert "Foyer 3: the curve of 31.0 days is missing" in report
    assert "nobody's in your list: 1 (…0044)" in report
    assert "99000000000044" not in report
    await next_step(hass, result, {"publish_now": False})
    assert shown(hass, "to_do", "binary_sensor").attributes["why"] == ["month"]


async def test_a_file_that_is_none(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """The reason, and another may be chosen."""
    result = await at(hass, entry, "month")
    for body in (b"\x00\x01\x02", b"Date;PRM;AUTOCONS (kWh)\n10/2026;1;2\n"):
        file_id = await uploaded(hass, hass_client, body)
        result = known(hass, await next_step(hass, result, {"file": file_id}))
        assert result["errors"] == {"base": "file_not_read"}
        assert told(result, "problem")


async def test_a_file_of_longer_steps(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Nothing of it could be laid on the operation's: that is said, and where to change it."""
    books = books_of(entry)
    quarters = replace(books.roster, step=timedelta(minutes=15))
    await books.async_change(lambda _: quarters)
    file_id = await uploaded(hass, hass_client, curves([h.point for h in HOMES]))
    result = await at(hass, entry, "month")
    result = known(hass, await next_step(hass, result, {"file": file_id}))
    assert result["errors"] == {"base": "file_not_read"}
    assert "steps of 30 minutes, and the operation is set to 15" in told(
        result, "problem"
    )


async def test_columns_are_asked_once(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Words that nobody knows; next month's file is read without asking."""
    points = [h.point for h in HOMES]
    body = curves(points).replace(b"CONS (Wh);PROD (Wh)", b"Bleu;Vert")
    result = await at(hass, entry, "month")
    file_id = await uploaded(hass, hass_client, body)
    result = await next_step(hass, result, {"file": file_id})
    assert result["step_id"] == "import_columns"
    answers = {"consumption": "bleu", "production": "vert", "unit": "Wh"}
    asked = {str(field) for field in result["data_schema"].schema}  # type: ignore[union-attr]
    sent = {k: v for k, v in answers.items() if k in asked}
    result = await next_step(hass, result, sent)
    assert result["step_id"] == "month_confirm"
    result = await at(hass, entry, "month")
    file_id = await uploaded(hass, hass_client, body)
    result = await next_step(hass, result, {"file": file_id})
    assert result["step_id"] == "month_confirm"


async def test_by_the_action(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    tmp_path: Path,
    hass_read_only_user: MockUser,
) -> None:
    """A file that may be read, by an administrator; the answer names no delivery point."""
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    file = tmp_path / "october.csv"
    file.write_bytes(curves([h.point for h in HOMES] + ["99000000000044"]))

    async def call(name: str, context: Context | None = None, **data: Any) -> Any:
        return await hass.services.async_call(
            DOMAIN, name, data, blocking=True, return_response=True, context=context
        )

    found = await call("organiser_import", file=str(file))
    (month,) = found["months"]
    assert (month["month"], month["quality"]) == (MONTH, "provisional")
    assert not month["complete"]
    assert month["allocated_kwh"] <= month["production_kwh"] == 1.5 * 1490
    assert "…0044" in found["notes"][0]
    assert not [point for point in [h.point for h in HOMES] if point in str(found)]
    stranger = Context(user_id=hass_read_only_user.id)
    for name, data in (
        ("organiser_import", {"file": str(file)}),
        ("publish", {}),
        ("get_organised_month", {"month": MONTH}),
    ):
        with pytest.raises(Unauthorized):
            await call(name, stranger, **data)


# Publishing


async def publishing(
    hass: HomeAssistant, entry: MockConfigEntry, **answers: Any
) -> ConfigFlowResult:
    """Tell where it is published."""
    result = await at(hass, entry, "publishing")
    return known(hass, await next_step(hass, result, suggested(result) | answers))


async def test_published_invited_read_and_taken_back(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """From nothing to a member's home, and out again."""
    books = books_of(entry)
    await books.async_take_in(Delivery(tuple(random_curves(HOMES))))
    result = await publishing(hass, entry, address="https://pmo.example/feed")
    assert result["reason"] == "changed"
    folder = Path(books.settings.folder or "")
    assert folder.is_relative_to(hass.config.config_dir)
    assert (folder / "operation.json").exists()
    result = await at(hass, entry, "invite")
    result = await next_step(hass, result, {"participant": "id1"})
    assert result["step_id"] == "invited"
    text = told(result, "invitation")
    invitation = parse_invitation(text)
    assert invitation.base_url == "https://pmo.example/feed/"
    (qr,) = result["data_schema"].schema.values()  # type: ignore[union-attr]
    assert qr.config["data"] == text
    found = await check(str(folder), text, NOW)
    assert [finding for texts in found.values() for finding in texts] == []
    result = await next_step(hass, result, {})
    assert result["reason"] == "changed"
    kept = "".join(
        file.read_text()
        for file in Path(hass.config.path(".storage")).glob("*organ*")
        if file.suffix != ".npz"
    )
    assert invitation.token not in kept
    assert shown(hass, "members_today").attributes["invited"] == 1
    assert shown(hass, "published_month").state == MONTH
    result = await at(hass, entry, "revoke")
    result = await next_step(hass, result, {"participant": "id1"})
    assert result["reason"] == "changed"
    assert not (folder / "members").exists()
    assert (await at(hass, entry, "revoke"))["reason"] == "nobody_invited"


async def test_a_month_is_published_with_its_file(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """Or later, by the button; nobody publishes it before."""
    await publishing(hass, entry, address="https://pmo.example/feed")
    books = books_of(entry)
    await books.async_invite("id1")
    points = [h.point for h in HOMES]
    for publish in (False, True):
        file_id = await uploaded(hass, hass_client, curves(points))
        result = await at(hass, entry, "month")
        result = await next_step(hass, result, {"file": file_id})
        result = await next_step(hass, result, {"publish_now": publish})
        assert result["reason"] == "imported"
        is_waiting = books.publishing.due == {MONTH}
        assert is_waiting is not publish
        assert (shown(hass, "published_month").state == MONTH) is publish
    await books.async_take_in(Delivery(tuple(random_curves(HOMES, 1))))
    assert books.publishing.due == {MONTH}
    button = {"entity_id": shown(hass, "publish", "button").entity_id}
    await hass.services.async_call("button", "press", button, blocking=True)
    assert books.publishing.due == frozenset()


@pytest.mark.parametrize(
    ("answers", "errors"),
    [
        pytest.param({"folder": "/etc"}, {"folder": "folder_not_allowed"}, id="/etc"),
        pytest.param(
            {"folder": ".storage/feed"}, {"folder": "folder_not_allowed"}, id="storage"
        ),
        pytest.param(
            {"folder": "www/../custom_components/x"},
            {"folder": "folder_not_allowed"},
            id="code",
        ),
        pytest.param({"folder": "."}, {"folder": "folder_not_allowed"}, id="all of it"),
        pytest.param(
            {"folder": "../feed"}, {"folder": "folder_not_allowed"}, id="outside"
        ),
        pytest.param(
            {"address": "http://pmo.example/feed"},
            {"address": "address_not_secure"},
            id="http",
        ),
        pytest.param({"address": "ici"}, {"address": "address_not_one"}, id="a word"),
    ],
)
async def test_where_nothing_may_be_published(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    answers: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """Told at its field; nothing is written, nothing is kept."""
    result = await publishing(hass, entry, **answers)
    assert result["errors"] == errors
    assert books_of(entry).settings.folder is None


async def test_a_folder_that_cannot_be_written(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path
) -> None:
    """The reason in the form, a repair issue, and the button says so; then it is right again."""
    (disk.parent / "file").write_text("no folder")
    result = await publishing(hass, entry, folder="file/feed")
    assert result["errors"] == {"base": "not_published"}
    assert "could not be written" in told(result, "problem")
    await settle_down(hass)
    issue = DOMAIN, f"feed_folder_{entry.entry_id}"
    assert ir.async_get(hass).async_get_issue(*issue) is not None
    why = shown(hass, "to_do", "binary_sensor").attributes["why"]
    assert why == ["not_published"]
    result = await next_step(hass, result, suggested(result) | {"folder": "feed"})
    assert result["reason"] == "changed"
    await settle_down(hass)
    assert ir.async_get(hass).async_get_issue(*issue) is None
    assert shown(hass, "to_do", "binary_sensor").state == "off"


async def test_another_folder_has_everything(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """And the first one nothing; revisions go on: who held the first reads the second."""
    books = books_of(entry)
    await books.async_take_in(Delivery(tuple(random_curves(HOMES))))
    await publishing(hass, entry, address="https://pmo.example/feed")
    token = await books.async_invite("id1")
    await coordinator_of(entry).async_publish()
    await books.async_take_in(Delivery(tuple(random_curves(HOMES, 1))))
    await coordinator_of(entry).async_publish()
    assert books.publishing.stamps.months["id1"][MONTH].revision == 2
    before = Path(books.settings.folder or "")
    (before / "of_somebody.txt").write_text("kept")
    await publishing(hass, entry, folder="elsewhere")
    folder = Path(hass.config.path("elsewhere"))
    assert [one.name for one in before.iterdir()] == ["of_somebody.txt"]
    text = f"https://pmo.example/feed/#acc={token}"
    found = await check(str(folder), text, NOW)
    assert [finding for texts in found.values() for finding in texts] == []
    assert books.publishing.stamps.months["id1"][MONTH].revision == 2


async def test_nobody_is_invited_without_agreeing(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Nor anywhere before an address was told."""
    result = await at(hass, entry, "invite")
    result = known(hass, await next_step(hass, result, {"participant": "id1"}))
    assert result["errors"] == {"base": "address_missing"}
    await publishing(hass, entry, address="https://pmo.example/feed")
    books = books_of(entry)
    silent = replace(HOMES[1], consent=())
    await books.async_change(lambda known: known.with_participant(silent))
    result = known(hass, await next_step(hass, result, {"participant": "id1"}))
    assert result["errors"] == {"participant": "consent_missing"}
    assert books.keys == {}


async def test_own_address(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Suggested where this Home Assistant can be reached from outside, safely."""
    hass.config.external_url = "https://maison.example:8443"
    result = await at(hass, entry, "publishing")
    own = f"https://maison.example:8443/api/{DOMAIN}/feed/{entry.entry_id}/"
    assert suggested(result)["address"] == told(result, "own_address") == own
    hass.config.external_url = "http://maison.example"
    result = await at(hass, entry, "publishing")
    assert "address" not in suggested(result)


# The list


async def test_the_list(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Days are told, what is done is ticked, and it is shown in the menu."""
    result = await at(hass, entry, "checklist")
    days = {"take_in_by": 5, "check_by": 10, "publish_by": 15, "bills_by": 30}
    result = await next_step(hass, result, days)
    assert result["reason"] == "changed"
    await settle_down(hass)
    menu = await at(hass, entry)
    assert "10/2026, the grid operator's file: late, it was due by 05/11/2026" in told(
        menu, "list"
    )
    # Nothing is published yet, so that nobody is told to.
    assert "publish" not in told(menu, "list")
    await books_of(entry).async_take_in(Delivery(tuple(random_curves(HOMES))))
    result = await at(hass, entry, "checklist")
    assert suggested(result) == days
    assert "10/2026, check: done" in told(result, "list")
    ticked = suggested(result) | {"done": [f"{MONTH} bills"]}
    await next_step(hass, result, ticked)
    result = await at(hass, entry, "checklist")
    assert "10/2026, bills: done" in told(result, "list")
    assert shown(hass, "next_due").state == "2026-12-05"
    assert shown(hass, "to_do", "binary_sensor").state == "off"
