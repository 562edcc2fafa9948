"""The offline rules of hassfest: our integration passes, each planted fault is found."""

from collections.abc import Callable
import json
from pathlib import Path

import pytest

from script.hassfest.__main__ import findings, main

SHIPPED = (
    Path(__file__).parents[2] / "custom_components" / "autoconsommation_collective"
)

MANIFEST = {
    "domain": "sample",
    "name": "Sample",
    "codeowners": ["@someone"],
    "config_flow": True,
    "documentation": "https://example.com/sample",
    "integration_type": "service",
    "iot_class": "cloud_polling",
    "issue_tracker": "https://example.com/sample/issues",
    "version": "0.1.0",
}
TEXTS = {
    "config": {
        "step": {
            "user": {
                "data": {"link": "Link"},
                "data_description": {"link": "What {operation} gave you."},
            }
        }
    },
    "services": {"share": {"name": "Share", "description": "Shares."}},
}
ICONS = {"services": {"share": {"service": "mdi:sun"}}}


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A small integration without a fault."""
    folder = tmp_path / "sample"
    (folder / "translations").mkdir(parents=True)
    write(folder, "manifest.json", MANIFEST)
    write(folder, "translations/en.json", TEXTS)
    write(folder, "icons.json", ICONS)
    (folder / "services.yaml").write_text("share:\n", "utf-8")
    (folder / "__init__.py").write_text("", "utf-8")
    (folder / "config_flow.py").write_text("", "utf-8")
    return folder


def write(folder: Path, name: str, content: object) -> None:
    """Write a JSON file."""
    (folder / name).write_text(json.dumps(content), "utf-8")


def manifest(**changes: object) -> Callable[[Path], None]:
    """Plant other values in the manifest; None takes a key away."""
    content = {k: v for k, v in (MANIFEST | changes).items() if v is not None}
    return lambda folder: write(folder, "manifest.json", content)


def text(value: str) -> Callable[[Path], None]:
    """Plant a text."""
    step = {"user": {"data": {"link": value}}}
    content = TEXTS | {"config": {"step": step}}
    return lambda folder: write(folder, "translations/en.json", content)


def source(name: str, code: str) -> Callable[[Path], None]:
    """Plant a Python or YAML file."""
    return lambda folder: (folder / name).write_text(code, "utf-8") and None


UNKNOWN_FIELD = {"step": {"user": {"data_description": {"other": "x"}}}}
FAULTS = [
    pytest.param(manifest(version=None), "version", id="no version"),
    pytest.param(manifest(version="first"), "no version", id="version in words"),
    pytest.param(manifest(iot_class="cloudy"), "iot_class", id="unknown class"),
    pytest.param(manifest(colour="red"), "colour", id="unknown key"),
    pytest.param(manifest(domain="other"), "folder", id="other domain"),
    pytest.param(manifest(config_flow=None), "disagree", id="flow not declared"),
    pytest.param(
        manifest(zeroconf=[], after_dependencies=[]), "by alphabet", id="order"
    ),
    pytest.param(
        manifest(dependencies=["nothing"]), "nothing", id="no such integration"
    ),
    pytest.param(
        manifest(requirements=["numpy >= 2"]), "numpy", id="space in requirement"
    ),
    pytest.param(
        manifest(documentation="http://example.com"), "https", id="plain http"
    ),
    pytest.param(text("<b>Link</b>"), "HTML", id="HTML"),
    pytest.param(text("See https://example.com"), "address", id="address"),
    pytest.param(text("The '{link}'"), "quotes", id="quoted placeholder"),
    pytest.param(text(" Link"), "spaces", id="space at the start"),
    pytest.param(text("{a b}"), "filled in", id="placeholder with a space"),
    pytest.param(
        lambda folder: write(
            folder, "translations/en.json", TEXTS | {"config": UNKNOWN_FIELD}
        ),
        "described but not named",
        id="description of no field",
    ),
    pytest.param(
        lambda folder: write(folder, "icons.json", {}), "no icon", id="no icon"
    ),
    pytest.param(
        lambda folder: write(
            folder, "icons.json", {"services": {"share": {"service": "sun"}}}
        ),
        "not an icon",
        id="icon of no set",
    ),
    pytest.param(
        lambda folder: write(
            folder,
            "icons.json",
            ICONS
            | {
                "entity": {"sensor": {"rate": {"range": {"50": "mdi:a", "0": "mdi:b"}}}}
            },
        ),
        "ranges must ascend",
        id="ranges that descend",
    ),
    pytest.param(
        source("services.yaml", "give:\n"), "no text", id="action without text"
    ),
    pytest.param(
        source("__init__.py", "from homeassistant.components import recorder"),
        "uses recorder",
        id="undeclared import",
    ),
    pytest.param(
        source("__init__.py", "async def async_setup(hass, config): ..."),
        "CONFIG_SCHEMA",
        id="no schema",
    ),
]


def test_what_ships_passes() -> None:
    """The integration itself, as `script/lint` checks it."""
    assert list(findings(SHIPPED)) == []


def test_sample_passes(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a fault there is nothing to print."""
    assert main([str(sample)]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("plant", "finding"), FAULTS)
def test_planted_fault_is_found(
    sample: Path, plant: Callable[[Path], None], finding: str
) -> None:
    """A finding names the fault."""
    plant(sample)
    assert finding in "\n".join(findings(sample))
