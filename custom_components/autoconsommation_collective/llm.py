"""A tool for language models: when is a good time to consume?"""

from typing import override

from homeassistant.components.llm import LLMTools
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.llm import (
    LLM_API_ASSIST,
    LLMContext,
    Tool,
    ToolAnnotations,
    ToolInput,
    ToolResult,
)

from .const import DOMAIN
from .coordinator.entries import loaded_memberships
from .coordinator.telling import told_now


class ForecastTool(Tool):
    """Tells whether now is a good time to consume, and when the next one is."""

    name = f"{DOMAIN}__get_forecast"
    title = "Get the good times to consume shared energy"
    description = (
        "Tells, for each collective self-consumption operation that this home is a member of, "
        "whether now is a good time to run appliances (good_time), the good window in progress "
        "or the next with this home's kWh, its chance of being covered and the cost per kWh, and "
        "how much confidence the forecast deserves. All of it is an estimate: say so."
    )
    annotations = ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )
    integration = DOMAIN

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext
    ) -> ToolResult:
        """What each membership is told now."""
        entries = loaded_memberships(hass)
        return ToolResult(
            data={
                "memberships": [
                    {
                        "name": entry.title,
                        **told_now(
                            entry.runtime_data.share.data,
                            entry.runtime_data.settlement.time_zone,
                        ),
                        "attribution": entry.runtime_data.outlook.attribution,
                    }
                    for entry in entries
                ]
            }
        )


@callback
def async_get_tools(
    hass: HomeAssistant, llm_context: LLMContext, api_id: str
) -> LLMTools | None:
    """The tool, for assistants, where there is a membership to ask about."""
    if api_id != LLM_API_ASSIST or not loaded_memberships(hass):
        return None
    return LLMTools(tools=[ForecastTool()])
