"""The action an organiser asks: keys, plants and members compared on the curves of a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.services import SERVICE_SIMULATE

FILES = {
    "consommation.csv": """\
debut;ecole;maison
2026-06-30T12:00:00+02:00;100;300
2026-06-30T12:30:00+02:00;100;
2026-07-01T12:00:00+02:00;500;100
""",
    "production.csv": """\
debut;toit
2026-06-30T12:00:00+02:00;200
2026-06-30T12:30:00+02:00;200
2026-07-01T12:00:00+02:00;300
""",
    "participants.csv": """\
nom;coefficient;priorite;kwc;offre
ecole;0,5;1;;base
maison;0,25;2;;
toit;;;3;
""",
    "prix.csv": """\
offre;poste;valeur
base;fournisseur;0,20
base;reseau;0,05
base;accise;0
base;tva;20 %
base;operation;0
""",
    "scenarios.csv": """\
scenario;nom;cote;facteur
sans la maison;maison;consommateur;0
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study as a volunteer keeps it."""
    write(tmp_path, FILES)
    return tmp_path


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Save the files."""
    for name, text in files.items():
        (folder / name).write_text(text)


async def ask(hass: HomeAssistant, folder: Path | str, **asked: Any) -> Any:
    """Call the action as the developer tools do, in a folder that is allowed."""
    if isinstance(folder, Path):
        hass.config.allowlist_external_dirs = {str(folder)}
    assert await async_setup_component(hass, DOMAIN, {})
    return await hass.services.async_call(
        DOMAIN,
        SERVICE_SIMULATE,
        {"folder": str(folder), **asked},
        blocking=True,
        return_response=True,
    )


async def test_one_answer_for_each_key_and_scenario(
    hass: HomeAssistant, folder: Path
) -> None:
    """The operation as it is first; an empty cell and the lines of a night are left out of all."""
    write(folder, {"tarifs.csv": "misspelt"})
    answer = await ask(hass, folder, keys=["prorata", "static"])
    assert (answer["steps"], answer["steps_left_out"]) == (2, 47)
    assert answer["gaps"] == {"maison": 47, "ecole": 46, "toit": 46}
    assert answer["unused_files"] == ["tarifs.csv"]
    assert [(o["scenario"], o["key"]) for o in answer["outcomes"]] == [
        ("as_it_is", "prorata"),
        ("as_it_is", "static"),
        ("sans la maison", "prorata"),
        ("sans la maison", "static"),
    ]


async def test_sums_and_rates(hass: HomeAssistant, folder: Path) -> None:
    """By hand: 200 of 200 Wh and 300 of 300 Wh are allocated, of 400 and 600 consumed."""
    answer = await ask(hass, folder, keys="prorata")
    assert answer["outcomes"][0] == {
        "scenario": "as_it_is",
        "key": "prorata",
        "peak_power_kw": 3.0,
        "production_kwh": 0.5,
        "consumption_kwh": 1.0,
        "allocated_kwh": 0.5,
        "surplus_kwh": 0.0,
        "own_use_kwh": 0.0,
        "self_consumption_rate": 1.0,
        "self_production_rate": 0.5,
        "saving_eur": 0.04,
        "homes_with_prices": 1,
    }


async def test_by_month_and_by_member(hass: HomeAssistant, folder: Path) -> None:
    """June and July apart; the school saves 140 € per kWh, its neighbour has no plan."""
    write(
        folder,
        {"prix.csv": FILES["prix.csv"].replace("0,20", "200").replace("0,05", "50")},
    )
    answer = await ask(hass, folder, keys="static", by_month=True, by_member=True)
    outcome = answer["outcomes"][0]
    assert {m: sums["allocated_kwh"] for m, sums in outcome["months"].items()} == {
        "2026-06": 0.15,
        "2026-07": 0.225,
    }
    assert {
        m: sums["consumers"]["ecole"]["allocated_kwh"]
        for m, sums in outcome["months"].items()
    } == {"2026-06": 0.1, "2026-07": 0.15}
    assert outcome["consumers"]["ecole"] == {
        "consumption_kwh": 0.6,
        "allocated_kwh": 0.25,
        "complement_kwh": 0.35,
        "saving_eur": 35.0,
    }
    assert outcome["consumers"]["maison"]["saving_eur"] is None
    assert outcome["producers"]["toit"] == {
        "production_kwh": 0.5,
        "allocated_kwh": 0.375,
        "surplus_kwh": 0.125,
        "income_eur": None,
    }


async def test_months_without_members(hass: HomeAssistant, folder: Path) -> None:
    """Participants are told only where they are asked for."""
    answer = await ask(hass, folder, by_month=True)
    outcome = answer["outcomes"][0]
    assert "consumers" not in outcome
    assert "consumers" not in outcome["months"]["2026-06"]


async def test_sizes_of_a_plant(hass: HomeAssistant, folder: Path) -> None:
    """Twice the plant: more is covered, a smaller part of it is shared."""
    answer = await ask(hass, folder, keys="prorata", plant="toit", sizes_kw=[1.5, 3, 9])
    sized = answer["outcomes"][2:]
    assert [o["peak_power_kw"] for o in sized] == [1.5, 3.0, 9.0]
    covered = [o["self_production_rate"] for o in sized]
    shared = [o["self_consumption_rate"] for o in sized]
    assert covered == sorted(covered)
    assert shared == sorted(shared, reverse=True)
    assert covered[0] < covered[2]
    assert shared[0] > shared[2]


async def test_a_folder_of_the_configuration(hass: HomeAssistant, folder: Path) -> None:
    """A relative path starts at the folder of the configuration, if that may be read."""
    (folder / "www" / "etude").mkdir(parents=True)
    write(folder / "www" / "etude", FILES)
    hass.config.config_dir = str(folder)
    hass.config.allowlist_external_dirs = {str(folder / "www")}
    assert (await ask(hass, "www/etude"))["steps"] == 2


@pytest.mark.parametrize(
    ("files", "asked", "problem", "named"),
    [
        pytest.param(
            {"production.csv": None}, {}, "not_there", "production.csv",
            id="no production",
        ),
        pytest.param(
            {}, {"keys": "golden"}, "key_unknown", "golden",
            id="no such key",
        ),
        pytest.param(
            {}, {"keys": "investment"}, "value_missing", "ecole",
            id="nobody's investment is known",
        ),
        pytest.param(
            {}, {"plant": "moulin", "sizes_kw": [1]}, "participant_unknown", "moulin",
            id="no such plant",
        ),
        pytest.param(
            {"participants.csv": "nom;coefficient\necole;0,9\nmaison;0,25\n"},
            {"keys": "static"}, "coefficients_above_one", "1.15",
            id="coefficients above 1",
        ),
        pytest.param(
            {"consommation.csv": FILES["consommation.csv"].replace("500", "-5")},
            {}, "bad_number", "consommation.csv",
            id="negative energy",
        ),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_in_words(
    hass: HomeAssistant,
    folder: Path,
    files: dict[str, str | None],
    asked: dict[str, Any],
    problem: str,
    named: str,
) -> None:
    """A translated sentence that names the culprit."""
    for name, text in files.items():
        if text is None:
            (folder / name).unlink()
        else:
            write(folder, {name: text})
    with pytest.raises(ServiceValidationError) as refused:
        await ask(hass, folder, **asked)
    assert refused.value.translation_key == f"study_{problem}"
    assert named in str(refused.value)
    assert "{" not in str(refused.value)


async def test_a_folder_that_is_not_allowed(hass: HomeAssistant, folder: Path) -> None:
    """Nothing outside what the owner of the house allowed is read."""
    hass.config.allowlist_external_dirs = set()
    with pytest.raises(ServiceValidationError) as refused:
        await ask(hass, str(folder))
    assert refused.value.translation_key == "study_not_allowed"


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"plant": "toit"}, id="plant without sizes"),
        pytest.param({"sizes_kw": [3]}, id="sizes without plant"),
        pytest.param({"plant": "toit", "sizes_kw": [-3]}, id="size below 0"),
        pytest.param({"keys": []}, id="no key"),
        pytest.param({"keys": ["prorata"] * 21}, id="too many keys"),
    ],
)
async def test_questions_that_cannot_be_asked(
    hass: HomeAssistant, folder: Path, asked: dict[str, Any]
) -> None:
    """Refused by the schema, before anything is read."""
    with pytest.raises(vol.Invalid):
        await ask(hass, folder, **asked)


async def test_number_of_a_delivery_point_is_not_repeated(
    hass: HomeAssistant, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Home Assistant logs what an action answers: a column named by a PRM stays private."""
    prm = "12345678901234"
    curves = FILES["consommation.csv"].replace("ecole", prm)
    write(folder, {"consommation.csv": curves, "participants.csv": "nom;coefficient\n"})
    with pytest.raises(ServiceValidationError) as refused:
        await ask(hass, folder, keys="static")
    assert refused.value.translation_key == "study_value_missing"
    assert prm not in f"{refused.value} {refused.value.__cause__} {caplog.text}"
    assert "234" in str(refused.value)


async def test_only_for_administrators(
    hass: HomeAssistant, folder: Path, hass_read_only_user: MockUser
) -> None:
    """A study holds the consumption of all members."""
    await ask(hass, folder)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN,
            SERVICE_SIMULATE,
            {"folder": str(folder)},
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )
