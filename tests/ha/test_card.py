"""The card's modules: where they are served, and how dashboards come to load them."""

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from pathlib import Path
import shutil
from unittest.mock import patch

from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.lovelace.resources import ResourceStorageCollection
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.autoconsommation_collective.adapters import card
from custom_components.autoconsommation_collective.const import DOMAIN

from .feed import Organiser
from .house import NOW, member_entry, set_up
from .organised import organise

pytestmark = pytest.mark.freeze_time(NOW)

FOREIGN = {"res_type": "module", "url": "/local/other-card.js?v=1"}


@pytest.fixture
async def resources(hass: HomeAssistant) -> ResourceStorageCollection:
    """The resources of dashboards, with one of somebody else's."""
    assert await async_setup_component(hass, "lovelace", {})
    found = hass.data[LOVELACE_DATA].resources
    assert isinstance(found, ResourceStorageCollection)
    await found.async_create_item(dict(FOREIGN))
    return found


@pytest.fixture
def other_release(tmp_path: Path) -> Iterator[Path]:
    """The modules with a line more in one that is not the first to be loaded."""
    folder = tmp_path / "frontend"
    shutil.copytree(card.FOLDER, folder)
    with (folder / "chart.js").open("a") as module:
        module.write("// changed\n")
    with patch.object(card, "FOLDER", folder):
        yield folder


def urls(resources: ResourceStorageCollection) -> list[str]:
    """What dashboards load."""
    return [item["url"] for item in resources.async_items()]


async def test_loaded_by_every_dashboard(
    hass: HomeAssistant,
    resources: ResourceStorageCollection,
    organiser: Organiser,
    hass_client: ClientSessionGenerator,
) -> None:
    """As a module, from an address that serves it with all it imports, kept by browsers."""
    await set_up(hass, member_entry(organiser))
    foreign, ours = resources.async_items()
    assert foreign["url"] == FOREIGN["url"]
    assert ours["type"] == "module"
    client = await hass_client()
    for path in card.FOLDER.rglob("*.js"):
        name = path.relative_to(card.FOLDER).as_posix()
        answer = await client.get(ours["url"].replace(card.ENTRY, name))
        assert answer.status == HTTPStatus.OK, await answer.text()
        assert answer.content_type == "text/javascript"
        assert "max-age" in answer.headers["Cache-Control"]
        assert await answer.read() == path.read_bytes()


async def test_nothing_twice(
    hass: HomeAssistant, resources: ResourceStorageCollection, organiser: Organiser
) -> None:
    """However often an entry is loaded, and with a second one."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    before = urls(resources)
    assert await hass.config_entries.async_reload(entry.entry_id)
    second = MockConfigEntry(
        domain=DOMAIN, title="Other", unique_id="other", data=dict(entry.data)
    )
    await set_up(hass, second)
    assert urls(resources) == before


async def test_two_that_are_set_up_together(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """As at a start of Home Assistant, when nobody has read the resources yet: still once."""
    assert await async_setup_component(hass, "lovelace", {})
    found = hass.data[LOVELACE_DATA].resources
    assert isinstance(found, ResourceStorageCollection)
    first = member_entry(organiser)
    second = MockConfigEntry(
        domain=DOMAIN, title="Other", unique_id="other", data=dict(first.data)
    )
    for entry in (first, second):
        entry.add_to_hass(hass)
    # Both find the other one just about to add it.
    create = found.async_create_item

    async def create_slowly(data: dict[str, str]) -> dict[str, str]:
        await hass.async_add_executor_job(lambda: None)
        return await create(data)

    with patch.object(found, "async_create_item", create_slowly):
        assert await async_setup_component(hass, DOMAIN, {})
        await hass.async_block_till_done(wait_background_tasks=True)
    assert len(urls(found)) == 1


@pytest.mark.usefixtures("other_release")
async def test_upgraded_in_place(
    hass: HomeAssistant, resources: ResourceStorageCollection, organiser: Organiser
) -> None:
    """What an older release left is brought to this one; its doubles go."""
    old = f"{card.ADDRESS}0123456789ab/{card.ENTRY}"
    for _ in range(2):
        await resources.async_create_item({"res_type": "module", "url": old})
    held = resources.async_items()[1]["id"]
    await set_up(hass, member_entry(organiser))
    assert [item["id"] for item in resources.async_items()[1:]] == [held]
    assert old not in urls(resources)


async def test_each_change_has_an_address_of_its_own(
    hass: HomeAssistant, other_release: Path
) -> None:
    """Whichever module changed: relative imports inherit the folder and nothing else."""
    changed = card._release()  # noqa: SLF001
    (other_release / "chart.js").write_text("// changed again\n")
    assert card._release() != changed  # noqa: SLF001


async def test_removed_with_the_last_entry(
    hass: HomeAssistant, resources: ResourceStorageCollection, organiser: Organiser
) -> None:
    """And not before; what is somebody else's stays."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    second = MockConfigEntry(
        domain=DOMAIN, title="Other", unique_id="other", data=dict(entry.data)
    )
    await set_up(hass, second)
    await hass.config_entries.async_remove(entry.entry_id)
    assert len(urls(resources)) == 2
    await hass.config_entries.async_remove(second.entry_id)
    assert urls(resources) == [FOREIGN["url"]]


async def test_for_an_organiser(
    hass: HomeAssistant, resources: ResourceStorageCollection, organiser: Organiser
) -> None:
    """Loaded as for a member, and gone with the last entry of either kind."""
    operation = await organise(hass)
    assert len(urls(resources)) == 2
    member = member_entry(organiser)
    await set_up(hass, member)
    await hass.config_entries.async_remove(member.entry_id)
    assert len(urls(resources)) == 2
    await hass.config_entries.async_remove(operation.entry_id)
    assert urls(resources) == [FOREIGN["url"]]


async def test_removed_while_it_is_disabled(
    hass: HomeAssistant, resources: ResourceStorageCollection, organiser: Organiser
) -> None:
    """After a start in which nothing of ours was set up."""
    old = f"{card.ADDRESS}0123456789ab/{card.ENTRY}"
    await resources.async_create_item({"res_type": "module", "url": old})
    entry = member_entry(organiser)
    entry.add_to_hass(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    assert urls(resources) == [FOREIGN["url"]]


async def test_added_again(
    hass: HomeAssistant, resources: ResourceStorageCollection, organiser: Organiser
) -> None:
    """Without a restart."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    await hass.config_entries.async_remove(entry.entry_id)
    await set_up(hass, member_entry(organiser))
    assert len(urls(resources)) == 2


@pytest.fixture
async def yaml_resources(hass: HomeAssistant) -> AsyncIterator[None]:
    """Resources that stand in the user's own file, and a frontend."""
    told = {"lovelace": {"resource_mode": "yaml", "resources": []}}
    assert await async_setup_component(hass, "lovelace", told)
    hass.config.components.add("frontend")
    yield
    hass.config.components.remove("frontend")


@pytest.mark.usefixtures("yaml_resources")
async def test_resources_in_yaml(hass: HomeAssistant, organiser: Organiser) -> None:
    """The file is the user's: the module comes with the frontend, and goes with the entry."""
    entry = member_entry(organiser)
    with (
        patch.object(card, "add_extra_js_url") as added,
        patch.object(card, "remove_extra_js_url") as removed,
    ):
        await set_up(hass, entry)
        added.assert_called_once()
        assert added.call_args.args[1].startswith(card.ADDRESS)
        await hass.config_entries.async_remove(entry.entry_id)
        assert removed.call_args == added.call_args


async def test_without_any_frontend(hass: HomeAssistant, organiser: Organiser) -> None:
    """A Home Assistant of automations alone."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    await hass.config_entries.async_remove(entry.entry_id)
