"""manifest.json: known keys in their order, and what a custom integration must tell."""

from collections.abc import Iterator
from pathlib import Path
import re
from urllib.parse import urlparse

from awesomeversion import (
    AwesomeVersion,
    AwesomeVersionException,
    AwesomeVersionStrategy,
)
import homeassistant
from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .integration import Integration, misfits

CORE = Path(homeassistant.__file__).parent / "components"

IOT_CLASSES = (
    "assumed_state",
    "calculated",
    "cloud_polling",
    "cloud_push",
    "local_polling",
    "local_push",
)
INTEGRATION_TYPES = (
    "device",
    "entity",
    "hardware",
    "helper",
    "hub",
    "service",
    "system",
    "virtual",
)
DISCOVERIES = ("bluetooth", "dhcp", "homekit", "mqtt", "ssdp", "usb", "zeroconf")
VERSION_STRATEGIES = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]
REQUIREMENT = re.compile(
    r"^[\w.-]+(\[[\w,-]+\])?((==|>=|<=|~=|!=|<|>)[\w.*]+(,|$))*$", re.ASCII
)


def requirement(value: object) -> str:
    """Return a requirement that Home Assistant can install: a name and versions, no space."""
    if not isinstance(value, str) or not REQUIREMENT.match(value):
        raise vol.Invalid(f"not a requirement: {value!r}")
    return value


SCHEMA = vol.Schema(
    {
        vol.Required("domain"): cv.slug,
        vol.Required("name"): str,
        vol.Required("codeowners"): [vol.All(str, vol.Match(r"^@[\w/-]+$"))],
        vol.Required("documentation"): vol.Url(),
        vol.Required("integration_type"): vol.In(INTEGRATION_TYPES),
        vol.Required("iot_class"): vol.In(IOT_CLASSES),
        vol.Required("issue_tracker"): vol.Url(),
        vol.Required("version"): str,
        vol.Optional("after_dependencies"): [str],
        vol.Optional("config_flow"): bool,
        vol.Optional("dependencies"): [str],
        vol.Optional("import_executor"): bool,
        vol.Optional("loggers"): [str],
        vol.Optional("quality_scale"): str,
        vol.Optional("requirements"): [requirement],
        vol.Optional("single_config_entry"): bool,
    }
    | {vol.Optional(name): object for name in DISCOVERIES}
)


def findings(integration: Integration) -> Iterator[str]:
    """Check the manifest."""
    manifest = integration.manifest
    yield from misfits("manifest.json", SCHEMA, manifest)
    names = list(manifest)
    if names != ["domain", "name", *sorted(set(names) - {"domain", "name"})]:
        yield "manifest.json: keys must be domain, name, then the others by alphabet"
    if manifest.get("domain") != integration.path.name:
        yield "manifest.json: domain is not the name of the folder"
    if urlparse(manifest.get("documentation", "")).scheme != "https":
        yield "manifest.json: documentation is not at an https address"
    if manifest.get("config_flow", False) != integration.has("config_flow.py"):
        yield "manifest.json: config_flow and config_flow.py disagree"
    yield from _version(manifest.get("version", ""))
    yield from _dependencies(
        manifest.get("dependencies", []), manifest.get("after_dependencies", [])
    )


def _version(version: str) -> Iterator[str]:
    try:
        AwesomeVersion(version, ensure_strategy=VERSION_STRATEGIES)
    except AwesomeVersionException:
        yield f"manifest.json: {version!r} is no version Home Assistant can compare"


def _dependencies(needed: list[str], later: list[str]) -> Iterator[str]:
    for name in needed + later:
        if not (CORE / name / "manifest.json").is_file():
            yield f"manifest.json: there is no integration {name!r}"
    for name in sorted(set(needed) & set(later)):
        yield f"manifest.json: {name!r} is both dependency and after_dependency"
