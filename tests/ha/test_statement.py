"""The statement of a member: the action's answer, and the page to print, over real HTTP."""

from html.parser import HTMLParser
import re
from typing import Any, override

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.autoconsommation_collective.const import DOMAIN

from .feed import Month, Organiser
from .house import BASE_CONTRACT, NOW, PRM, Linky, live, member_entry, set_up

pytestmark = pytest.mark.freeze_time(NOW)


@pytest.fixture
async def entry(hass: HomeAssistant, organiser: Organiser) -> MockConfigEntry:
    """A member on Base whose October is settled."""
    member = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, member)
    return member


async def statement(hass: HomeAssistant, **data: str) -> dict[str, Any]:
    """What the action answers."""
    answer = await hass.services.async_call(
        DOMAIN, "get_statement", data, blocking=True, return_response=True
    )
    assert isinstance(answer, dict)
    return answer


class Page(HTMLParser):
    """What stands on a page, and what would be fetched or run by it."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    @override
    def handle_data(self, data: str) -> None:
        if self.tags[-1] != "style":
            self.texts.append(data)


async def test_a_settled_month(
    hass: HomeAssistant, entry: MockConfigEntry, organiser: Organiser
) -> None:
    """The figures, and the prices they rest on with their days."""
    answer = await statement(hass)
    month, page = answer["month"], organiser.months[0]
    drawn, allocated = sum(page.consumption_wh) / 1000, sum(page.allocated_wh) / 1000
    assert (month["first"], month["last"], month["basis"]) == (
        "2026-10",
        "2026-10",
        "settled",
    )
    assert (month["consumption_kwh"], month["allocated_kwh"]) == (drawn, allocated)
    assert month["complement_eur"] == round((drawn - allocated) * 0.194, 2)
    assert month["avoided_eur"] == round(allocated * 0.194, 2)
    assert month["network_eur"] == round(allocated * 0.058, 2)
    assert month["operation_eur"] == 0
    assert month["saving_eur"] == round(allocated * (0.194 - 0.058), 2)
    assert month["missing"] == {}
    assert [part["price_class"] for part in month["classes"]] == ["BASE"]
    prices = {price["kind"]: price for price in month["prices"]}
    assert prices["supplier"] == {
        "kind": "supplier",
        "price_class": "BASE",
        "eur_per_kwh": 0.194,
        "since": "2026-02-01",
        "source": "told",
        "age": "recent",
    }
    assert prices["operation"]["source"] == "feed"
    assert month["rests_on"]["saving_eur"] == ["supplier", "operation", "network"]
    assert answer["year"]["months"] == [{"month": "2026-10", "basis": "settled"}]
    assert answer["refunds"]["expected_eur"] == month["saving_eur"]
    assert answer["prepaid"] is None
    assert PRM not in str(answer)


async def test_what_is_missing_has_a_reason(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """Never zero: without a contract no saving, and the energies all the same."""
    await set_up(hass, member_entry(organiser))
    month = (await statement(hass, month="2026-10"))["month"]
    assert month["saving_eur"] is None
    assert month["missing"]["saving_eur"] == "no_contract"
    assert month["allocated_kwh"] > 0


async def test_a_month_in_progress(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Is an estimate, and says so."""
    linky = Linky(hass)
    await set_up(
        hass, member_entry(organiser, imports=(linky.ref,), options=BASE_CONTRACT)
    )
    await live(hass, freezer, linky, NOW.replace(hour=12), 50)
    answer = await statement(hass, month="2026-11")
    assert answer["month"]["basis"] == "estimated"
    assert answer["month"]["consumption_kwh"] > 0
    assert {month["basis"] for month in answer["year"]["months"]} == {
        "settled",
        "estimated",
    }


async def test_a_producer(hass: HomeAssistant, organiser: Organiser) -> None:
    """What it earned: the operation's price is known, the buyer's is not told."""
    organiser.role = "prosumer"
    await set_up(hass, member_entry(organiser, options=BASE_CONTRACT))
    month = (await statement(hass))["month"]
    assert (month["injected_kwh"], month["surplus_kwh"]) == (9.6, 1.44)
    assert month["shared_kwh"] == pytest.approx(8.16)
    assert month["shared_income_eur"] == 0  # it is given
    assert month["missing"]["surplus_income_eur"] == "no_surplus_price"


@pytest.mark.parametrize(
    ("month", "key"),
    [
        pytest.param("2026-13", "month_not_understood", id="no month"),
        pytest.param("October", "month_not_understood", id="a word"),
        pytest.param("2020-01", "month_not_known", id="before all that is known"),
    ],
)
async def test_months_that_cannot_be_told(
    hass: HomeAssistant, entry: MockConfigEntry, month: str, key: str
) -> None:
    """Are refused in words."""
    with pytest.raises(ServiceValidationError) as refused:
        await statement(hass, month=month)
    assert refused.value.translation_key == key


# The page


async def test_the_page(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Opened by the signed path alone; it fetches and runs nothing, and says where prices are from."""
    answer = await statement(hass)
    client = await hass_client_no_auth()
    response = await client.get(answer["page"])
    assert response.status == 200
    assert response.content_type == "text/html"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    page = Page(await response.text())
    assert not {"script", "img", "link", "iframe", "form"} & {*page.tags}
    assert not {"src", "href", "style"} & {name for name, _ in page.attributes}
    assert ("lang", "en") in page.attributes
    assert page.tags.count("h1") == 1
    assert page.tags.count("table") == page.tags.count("caption")
    assert "Statement of October 2026" in page.texts
    assert "Expected saving" in page.texts
    assert "1 February 2026" in page.texts
    assert PRM not in "".join(page.texts)


async def test_nobody_else_opens_it(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """Without the signature, with that of another month, or in another language."""
    path = (await statement(hass))["page"]
    client = await hass_client_no_auth()
    bare = path.partition("?")[0]
    for other in (bare, path.replace("2026-10", "2026-09"), f"{path}&language=fr"):
        assert (await client.get(other)).status == 401


async def test_in_french(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """As the card asks for it, with French numbers; the style is the one the policy names."""
    ws = await hass_ws_client()
    await ws.send_json_auto_id(
        {
            "type": f"{DOMAIN}/statement",
            "config_entry": entry.entry_id,
            "month": "2026-10",
            "language": "fr-BE",
        }
    )
    told = (await ws.receive_json())["result"]
    response = await (await hass_client()).get(told["path"])
    page = Page(await response.text())
    assert ("lang", "fr") in page.attributes
    assert "Relevé : octobre 2026" in page.texts
    amounts = [text for text in page.texts if text.endswith("€")]
    assert amounts
    assert all(
        re.fullmatch(r"\u2212?[\d\u202f]+,\d\d\u00a0€", text) for text in amounts
    )


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("nobody/2026-10", id="no such membership"),
        pytest.param("{entry}/2026-13", id="no month"),
        pytest.param("{entry}/2020-01", id="nothing known"),
    ],
)
async def test_no_page(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    path: str,
) -> None:
    """Not found."""
    client = await hass_client()
    url = f"/api/{DOMAIN}/statement/{path.format(entry=entry.entry_id)}"
    assert (await client.get(url)).status == 404


async def test_a_name_that_is_markup(
    hass: HomeAssistant, organiser: Organiser, hass_client: ClientSessionGenerator
) -> None:
    """Is text on the page."""
    member = member_entry(organiser, options=BASE_CONTRACT)
    await set_up(hass, member)
    name = "<script>alert('x')</script>"
    hass.config_entries.async_update_entry(member, title=name)
    await hass.async_block_till_done(wait_background_tasks=True)
    url = f"/api/{DOMAIN}/statement/{member.entry_id}/2026-10"
    text = await (await (await hass_client()).get(url)).text()
    assert "script" not in Page(text).tags
    assert name in "".join(Page(text).texts)


async def test_the_year_adds_up(hass: HomeAssistant, organiser: Organiser) -> None:
    """Twelve months at most, those before the prices began told as missing."""
    organiser.months = [Month(f"2026-{n:02}") for n in range(1, 11)]
    await set_up(hass, member_entry(organiser, options=BASE_CONTRACT))
    year = (await statement(hass))["year"]
    assert len(year["months"]) == 10
    assert year["missing"]["saving_eur"] == "no_price"
    refunds = (await statement(hass))["refunds"]
    assert (refunds["n_months"], refunds["n_unpriced_months"]) == (9, 1)
