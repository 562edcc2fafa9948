"""What a voice assistant can be asked; the sentences themselves stand in docs/custom_sentences."""

from typing import override

from homeassistant.core import HomeAssistant
from homeassistant.helpers import intent

from .coordinator import Asked
from .coordinator.entries import loaded_memberships
from .coordinator.telling import async_spoken_answer

INTENTS = {"AccGoodTime": Asked.GOOD_TIME, "AccNextWindow": Asked.NEXT_WINDOW}


async def async_setup_intents(hass: HomeAssistant) -> None:
    """Register what can be asked."""
    for intent_type, asked in INTENTS.items():
        intent.async_register(hass, AccIntent(intent_type, asked))


class AccIntent(intent.IntentHandler):
    """Answers one question, for every membership of the house."""

    def __init__(self, intent_type: str, asked: Asked) -> None:
        """Take the name that the sentences use, and what they ask."""
        self.intent_type = intent_type
        self._asked = asked

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        """Answer in the language of the question."""
        hass = intent_obj.hass
        entries = loaded_memberships(hass)
        memberships = [
            (
                entry.title,
                entry.runtime_data.share.data,
                entry.runtime_data.settlement.time_zone,
            )
            for entry in entries
        ]
        response = intent_obj.create_response()
        response.response_type = intent.IntentResponseType.QUERY_ANSWER
        response.async_set_speech(
            await async_spoken_answer(
                hass, self._asked, intent_obj.language, memberships
            )
        )
        return response
