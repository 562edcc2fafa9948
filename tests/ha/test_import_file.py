"""A settlement in a file: by the action, and through the form of the options."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.months import month_bounds

from .feed import PARIS
from .flows import at_option
from .house import NOW, PRM, member_entry, set_up, settle_down, value

pytestmark = pytest.mark.freeze_time(NOW)

OTHER = "99000000000044"
ALLOCATED = 720.0
"""kWh of September in the files below."""


def september(
    header: str = "Horodate;PRM;CONS (Wh);AUTOCONS (Wh)", prm: str = PRM
) -> bytes:
    """Load curves as a table: 1.5 kWh in each half hour, of which a third was shared."""
    start, end = month_bounds("2026-09", PARIS)
    n_steps = (end - start) // timedelta(minutes=30)
    times = (start + n * timedelta(minutes=30) for n in range(n_steps))
    rows = (f"{at.astimezone(PARIS):%d/%m/%Y %H:%M};{prm};1500;500" for at in times)
    return "\n".join([header, *rows, ""]).encode()


def unsure() -> bytes:
    """The same, in words that nobody knows."""
    return september("Quand;Qui;Bleu;Vert")


@pytest.fixture
async def entry(
    hass: HomeAssistant, socket_enabled: None, disk: Path
) -> MockConfigEntry:
    """A member whose organiser publishes nothing, and a folder that may be read."""
    await hass.config.async_set_time_zone(PARIS.key)
    hass.config.allowlist_external_dirs = {str(disk.parent / "in")}
    (disk.parent / "in").mkdir()
    entry = member_entry()
    await set_up(hass, entry)
    return entry


@pytest.fixture
def put(disk: Path) -> Callable[[bytes], str]:
    """Puts a file into that folder."""

    def write(body: bytes) -> str:
        path = disk.parent / "in" / "september.csv"
        path.write_bytes(body)
        return str(path)

    return write


async def imported(hass: HomeAssistant, file: str, **data: Any) -> Any:
    """The answer of the action."""
    found = await hass.services.async_call(
        DOMAIN,
        "import_settlement",
        {"file": file, **data},
        blocking=True,
        return_response=True,
    )
    await settle_down(hass)
    return found


async def test_by_the_action(
    hass: HomeAssistant, entry: MockConfigEntry, put: Callable[[bytes], str]
) -> None:
    """Settled, and told in numbers and words; once more, nothing is new."""
    file = put(september())
    found = await imported(hass, file)
    (month,) = found["months"]
    assert (month["month"], month["allocated_kwh"], month["new"]) == (
        "2026-09",
        ALLOCATED,
        1440,
    )
    assert found["changed"] and "720.0" in found["report"][0]
    assert value(hass, "settled_allocated_month") == ALLOCATED
    again = await imported(hass, file, config_entry=entry.entry_id)
    assert not again["changed"]
    assert PRM not in str(found)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(september(prm=OTHER), "other delivery points", id="another's"),
        pytest.param(b"\x00\x01\x02", "september.csv", id="no table"),
        pytest.param(unsure(), "under Configure", id="columns that are not sure"),
    ],
)
async def test_refused_in_words(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    put: Callable[[bytes], str],
    body: bytes,
    message: str,
) -> None:
    """What is wrong and what to do; nothing is kept."""
    with pytest.raises(ServiceValidationError, match=message) as refused:
        await imported(hass, put(body))
    assert OTHER not in str(refused.value)
    assert not entry.runtime_data.settlement.data.pages


async def test_only_what_may_be_read(
    hass: HomeAssistant, entry: MockConfigEntry, disk: Path
) -> None:
    """Not the secrets of the house, and nothing that is not there."""
    (disk.parent / "secrets.yaml").write_text("password: x")
    for path in (
        disk.parent / "secrets.yaml",
        disk.parent / "in" / ".." / "secrets.yaml",
    ):
        with pytest.raises(ServiceValidationError, match="may not read"):
            await imported(hass, str(path))
    link = disk.parent / "in" / "link.csv"
    link.symlink_to(disk.parent / "secrets.yaml")
    with pytest.raises(ServiceValidationError, match="may not read"):
        await imported(hass, str(link))
    for name in ("nothing.csv", "."):
        with pytest.raises(ServiceValidationError, match="not there|may not read"):
            await imported(hass, str(disk.parent / "in" / name))


async def test_for_administrators(
    hass: HomeAssistant, entry: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """A file of the whole operation holds everybody's curves."""
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            "import_settlement",
            {"file": "x.csv"},
            blocking=True,
            context=Context(user_id=hass_read_only_user.id),
        )


# The form


async def handed_in(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    body: bytes,
) -> ConfigFlowResult:
    """What the options say to an uploaded file."""
    assert await async_setup_component(hass, "file_upload", {})
    client = await hass_client()
    answer = await client.post("/api/file_upload", data={"file": BytesIO(body)})
    file_id = (await answer.json())["file_id"]
    result = await at_option(hass, entry, "import_file")
    return await hass.config_entries.options.async_configure(
        result["flow_id"], {"file": file_id}
    )


async def test_through_the_form(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """The totals are shown before anything is kept."""
    result = await handed_in(hass, entry, hass_client, september())
    assert result["step_id"] == "import_confirm"
    assert "720.0" in (result["description_placeholders"] or {})["report"]
    assert not entry.runtime_data.settlement.data.pages
    result = await hass.config_entries.options.async_configure(result["flow_id"], {})
    await settle_down(hass)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "imported")
    assert value(hass, "settled_allocated_month") == ALLOCATED


async def test_columns_are_asked_once(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """The first lines are shown; next month's file is read the same way."""
    result = await handed_in(hass, entry, hass_client, unsure())
    assert result["step_id"] == "import_columns"
    assert "Vert" in (result["description_placeholders"] or {})["table"]
    assert PRM not in str(result["description_placeholders"])
    schema = result["data_schema"]
    assert schema is not None
    offered = {str(field): selector for field, selector in schema.schema.items()}
    names = [o["value"] for o in offered["consumption"].config["options"]]
    answers = {
        "time": names[0],
        "consumption": names[2],
        "allocated": names[3],
        "unit": "Wh",
        "stamp": "begin",
    }
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {k: v for k, v in answers.items() if k in offered}
    )
    assert result["step_id"] == "import_confirm", result
    again = await handed_in(hass, entry, hass_client, unsure())
    assert again["step_id"] == "import_confirm"


async def test_the_zone_of_a_file_is_asked(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """One that counts winter time all year round begins an hour later in summer."""
    rows = (f"{day:02}/09/2026 {hour:02}:00" for day in (1, 2) for hour in range(24))
    table = "\n".join(
        ["Quand;Compteur 1;Compteur 2", *(f"{at};500;1500" for at in rows)]
    )
    result = await handed_in(hass, entry, hass_client, table.encode())
    assert result["data_schema"] is not None
    fields = {str(field): field for field in result["data_schema"].schema}
    assert fields["time_zone"].default() == PARIS.key  # type: ignore[attr-defined]
    answers = {
        "time": "quand",
        "allocated": "compteur_#",
        "consumption": "compteur_# 2",
        "unit": "Wh",
        "stamp": "begin",
        "time_zone": "Etc/GMT-1",
    }
    configure = hass.config_entries.options.async_configure
    result = await configure(
        result["flow_id"], {k: v for k, v in answers.items() if k in fields}
    )
    if "stamp" not in fields and result["step_id"] == "import_columns":
        result = await configure(result["flow_id"], {"stamp": "begin"})
    assert result["step_id"] == "import_confirm", result
    await configure(result["flow_id"], {})
    await settle_down(hass)
    page = entry.runtime_data.settlement.data.pages["2026-09"]
    known = [n for n, wh in enumerate(page.blocks[0].energies["allocated"]) if wh > 0]
    assert (known[0], len(known)) == (1, 48)


async def test_what_was_put_right_is_said(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """In the form, as in the answer of the action."""
    body = september()
    twice = body + body.splitlines()[5] + b"\n"
    result = await handed_in(hass, entry, hass_client, twice)
    assert "Told twice" in (result["description_placeholders"] or {})["report"]


async def test_a_gap_is_named_until_it_is_filled(
    hass: HomeAssistant, entry: MockConfigEntry, put: Callable[[bytes], str]
) -> None:
    """The days between, and none after the last one that was delivered."""
    lines = september().splitlines()
    day = 48
    some = [*lines[: 1 + 3 * day], *lines[1 + 5 * day : 1 + 20 * day], b""]
    await imported(hass, put(b"\n".join(some)))
    issues = ir.async_get(hass)
    issue = issues.async_get_issue(DOMAIN, f"gap_{entry.entry_id}")
    assert issue is not None and issue.translation_placeholders is not None
    assert issue.translation_placeholders["days"] == "- 09/2026: 04/09/2026, 05/09/2026"
    await imported(hass, put(september()))
    assert issues.async_get_issue(DOMAIN, f"gap_{entry.entry_id}") is None


async def test_a_file_that_is_gone_is_asked_for_again(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """As after a restart in between, or a form that was sent twice."""
    assert await async_setup_component(hass, "file_upload", {})
    result = await at_option(hass, entry, "import_file")
    result = await hass.config_entries.options.async_configure(
        result["flow_id"], {"file": "0123456789abcdef0123456789abcdef"}
    )
    assert result["errors"] == {"file": "file_gone"}


async def test_a_file_that_is_not_taken_in_is_said_in_the_form(
    hass: HomeAssistant, entry: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    """And another can be chosen."""
    result = await handed_in(hass, entry, hass_client, september(prm=OTHER))
    assert result["step_id"] == "import_file"
    assert result["errors"] == {"base": "file_not_read"}
    assert (
        "other delivery points" in (result["description_placeholders"] or {})["problem"]
    )
