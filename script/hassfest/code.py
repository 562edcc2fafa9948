"""Python files: only declared integrations are imported, and YAML set-up has a schema."""

import ast
from collections.abc import Iterator

from homeassistant.const import Platform

from .integration import Integration

COMPONENTS = "homeassistant.components"

# Always loaded, or without any set-up of its own: usable undeclared.
UNDECLARED = {platform.value for platform in Platform} | {
    "alert",
    "automation",
    "conversation",
    "default_config",
    "device_automation",
    "frontend",
    "group",
    "homeassistant",
    "input_boolean",
    "input_button",
    "input_datetime",
    "input_number",
    "input_select",
    "input_text",
    "media_source",
    "mjpeg",
    "onboarding",
    "panel_custom",
    "persistent_notification",
    "person",
    "script",
    "shopping_list",
    "stream",
    "sun",
    "system_health",
    "system_log",
    "timer",
    "webhook",
    "websocket_api",
    "zone",
}


def findings(integration: Integration) -> Iterator[str]:
    """Check imports of other integrations, and the schema of YAML set-up."""
    manifest = integration.manifest
    allowed = UNDECLARED.union(
        manifest.get("dependencies", []),
        manifest.get("after_dependencies", []),
        # a platform that another integration calls may import that integration
        (source.stem for source in integration.sources),
    )
    for source in integration.sources:
        for name in sorted(_imported(ast.parse(source.read_text("utf-8"))) - allowed):
            yield f"{source.name}: uses {name}, which the manifest does not declare"
    yield from _setup_schema(integration)


def _imported(module: ast.Module) -> set[str]:
    """Names of the integrations that a module imports."""
    modules: list[str] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules += [f"{node.module}.{alias.name}" for alias in node.names]
    prefix = f"{COMPONENTS}."
    return {
        name.removeprefix(prefix).split(".")[0]
        for name in modules
        if name.startswith(prefix)
    }


def _setup_schema(integration: Integration) -> Iterator[str]:
    if not integration.has("__init__.py"):
        yield "__init__.py: missing"
        return
    body = ast.parse((integration.path / "__init__.py").read_text("utf-8")).body
    functions = {
        node.name
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assigned = {
        target.id
        for node in body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if functions & {"async_setup", "setup"} and "CONFIG_SCHEMA" not in assigned:
        yield "__init__.py: a set-up from YAML needs a CONFIG_SCHEMA"
