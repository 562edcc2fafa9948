"""Asked aloud in French and in English, by the sentences that we offer; and by a language model."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import shutil
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent, llm
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.adapters.spoken import (
    Asked,
    async_spoken,
)
from custom_components.autoconsommation_collective.const import (
    CONF_DELIVERY_POINT,
    DOMAIN,
)
from custom_components.autoconsommation_collective.engine.learning import Confidence
from custom_components.autoconsommation_collective.engine.signal import (
    Level,
    Reason,
    Signal,
    Window,
)
from custom_components.autoconsommation_collective.sky.open_meteo import ATTRIBUTION

from .feed import PARIS, Organiser
from .house import BASE_CONTRACT, NOW, PRM, member_entry, set_up, wait

pytestmark = pytest.mark.freeze_time(NOW)

SENTENCES = Path(__file__).parents[2] / "docs" / "custom_sentences"
TOOL = f"{DOMAIN}__get_forecast"
HOUR = timedelta(hours=1)

type Say = Callable[..., Any]


@pytest.fixture
async def assist(hass: HomeAssistant, organiser: Organiser) -> Say:
    """An assistant in a house whose people copied our sentences; says what it answers."""
    for path in SENTENCES.glob("*.yaml"):
        folder = Path(hass.config.path("custom_sentences", path.stem))
        folder.mkdir(parents=True)
        shutil.copy(path, folder / "autoconsommation_collective.yaml")
    for name in ("homeassistant", "intent", "conversation"):
        assert await async_setup_component(hass, name, {})

    async def say(text: str, language: str) -> str:
        result = await conversation.async_converse(
            hass, text, None, Context(), language=language
        )
        assert result.response.error_code is None, text
        assert result.response.response_type is intent.IntentResponseType.QUERY_ANSWER
        return str(result.response.speech["plain"]["speech"])

    return say


GOOD_TIME = {
    "fr": [
        "Est-ce le bon moment pour lancer la machine ?",
        "c'est le bon moment pour faire tourner le lave-vaisselle ?",
        "est-ce que c'est un bon moment pour recharger la voiture",
        "est-ce que je peux lancer une machine maintenant ?",
        "on peut consommer maintenant ?",
    ],
    "en": [
        "Is it a good time to run the washing machine?",
        "is now a good moment to charge the car",
        "can I start the dishwasher now",
        "Is this a good time?",
    ],
}
NEXT_WINDOW = {
    "fr": [
        "Quand puis-je lancer le lave-linge ?",
        "quand est-ce que je peux mettre la machine à laver",
        "quand est-ce qu'on peut démarrer le sèche-linge",
        "quel est le prochain bon moment ?",
        "à quelle heure est le prochain bon moment pour allumer le four",
    ],
    "en": [
        "When can I run the washing machine?",
        "when should I charge my car",
        "When is the next good time?",
    ],
}
SENTENCE_CASES = [
    pytest.param(language, text, asked, id=text)
    for asked, texts in ((Asked.GOOD_TIME, GOOD_TIME), (Asked.NEXT_WINDOW, NEXT_WINDOW))
    for language, list_of_texts in texts.items()
    for text in list_of_texts
]
BEGINNINGS = {
    (Asked.GOOD_TIME, "fr"): "Oui. Environ ",
    (Asked.GOOD_TIME, "en"): "Yes. About ",
    (Asked.NEXT_WINDOW, "fr"): "Maintenant, jusqu'à ",
    (Asked.NEXT_WINDOW, "en"): "Now, until ",
}


@pytest.mark.parametrize(("language", "text", "asked"), SENTENCE_CASES)
async def test_every_sentence_is_understood(
    hass: HomeAssistant,
    plenty: Organiser,
    assist: Say,
    language: str,
    text: str,
    asked: Asked,
) -> None:
    """And answered in the language of the question, with energy, chance and confidence."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    answer = await assist(text, language)
    assert answer.startswith(BEGINNINGS[asked, language])
    assert " kWh " in answer
    assert {"fr": "plus de 95 pour cent", "en": "more than 95 percent"}[language] in answer  # fmt: skip
    assert {"fr": "encore peu fiable", "en": "not very reliable yet"}[language] in answer  # fmt: skip


async def test_a_regional_language_is_its_language(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """A question in the French of Belgium is answered in French."""
    assert await async_setup_component(hass, "intent", {})
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    response = await intent.async_handle(hass, "test", "AccGoodTime", language="fr-BE")
    assert response.speech["plain"]["speech"].startswith("Oui. ")


async def test_better_wait(hass: HomeAssistant, plenty: Organiser, assist: Say) -> None:
    """The time, the energy and the chance of the window that comes."""
    plenty.injection_wh, plenty.rise_wh = 1000, 60
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    answer = await assist("Est-ce le bon moment pour lancer la machine ?", "fr")
    assert answer.startswith("Mieux vaut attendre : de ")
    assert " kWh devraient être à prendre pour vous, avec " in answer
    answer = await assist("When can I run the washing machine?", "en")
    assert answer.startswith("From ")


async def test_why_no_time_is_good(
    hass: HomeAssistant, plenty: Organiser, assist: Say
) -> None:
    """Without a contract nothing can be advised: that is what is said."""
    await set_up(hass, member_entry(plenty))
    answer = await assist("Est-ce le bon moment ?", "fr")
    assert answer.startswith("Aucun bon moment n'est en vue. Indiquez votre contrat")
    answer = await assist("When can I run the washing machine?", "en")
    assert answer.startswith("No good time is in sight for the coming days. Tell your")


async def test_two_memberships_each_by_its_name(
    hass: HomeAssistant, plenty: Organiser, assist: Say
) -> None:
    """And none is left out."""
    other = MockConfigEntry(
        domain=DOMAIN,
        title="Other roof",
        unique_id="another",
        data={**member_entry().data, CONF_DELIVERY_POINT: "98765432109876"},
    )
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    await set_up(hass, other)
    answer = await assist("Is it a good time to run the washing machine?", "en")
    assert answer.startswith("Soleil du Boischaut: Yes. ")
    assert answer.endswith(" Other roof: I cannot tell: not enough is known yet.")


async def test_no_membership_loaded(
    hass: HomeAssistant, plenty: Organiser, assist: Say
) -> None:
    """Says so instead of guessing."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    answer = await assist("Quand puis-je lancer le lave-linge ?", "fr")
    assert answer.startswith("Aucune participation ")


def window(hours: float, probability: float = 0.85) -> Window:
    """Two hours and a half from so many hours on; the 20th of November is a Friday."""
    start = datetime(2026, 11, 20, 11, tzinfo=UTC) + hours * HOUR
    return Window(start, start + 2.5 * HOUR, 1440.0, probability, 0.1)


@pytest.mark.parametrize(
    ("level", "reason", "next_window", "language", "answer"),
    [
        pytest.param(Level.GOOD, Reason.COVERED, window(-1), "fr", "Oui. Environ 1,4 kWh sont à prendre pour vous d'ici 13 h 30, avec 85 pour cent de chances d'être couverts.", id="now"),
        pytest.param(Level.GOOD, Reason.COVERED, None, "en", "Yes, for a little while yet.", id="held on after its window"),
        pytest.param(Level.NEUTRAL, Reason.LATER, window(2), "en", "Better wait: from 14:00 to 16:30, about 1.4 kWh should be yours to take, with a chance of 85 percent of being covered.", id="later today"),
        pytest.param(Level.AVOID, Reason.DEARER, window(22), "fr", "Mieux vaut attendre : demain de 10 h à 12 h 30, environ 1,4 kWh devraient être à prendre pour vous, avec 85 pour cent de chances d'être couverts.", id="tomorrow"),
        pytest.param(Level.NEUTRAL, Reason.NO_PRODUCTION, window(46), "en", "Better wait: on 22/11 from 10:00 to 12:30, about 1.4 kWh should be yours to take, with a chance of 85 percent of being covered.", id="the day after"),
        pytest.param(Level.NEUTRAL, Reason.NOT_ENOUGH, None, "en", "No good time is in sight. Not enough surplus expected for you right now (estimate).", id="none"),
        pytest.param(Level.NEUTRAL, Reason.NOT_ENOUGH, window(-1), "en", "No good time is in sight. Not enough surplus expected for you right now (estimate).", id="not taken in its window"),
    ],
)  # fmt: skip
async def test_words_of_an_answer(
    hass: HomeAssistant,
    level: Level,
    reason: Reason,
    next_window: Window | None,
    language: str,
    answer: str,
) -> None:
    """As people say days, hours and energies."""
    words = await async_spoken(hass, language)
    signal = Signal(level, reason, NOW, next_window)
    said = words.answer(Asked.GOOD_TIME, signal, next_window, None, NOW, PARIS)
    assert said == answer


async def test_nothing_known_yet(hass: HomeAssistant) -> None:
    """Before anything was worked out."""
    words = await async_spoken(hass, "en")
    said = words.answer(Asked.NEXT_WINDOW, None, None, Confidence.HIGH, NOW, PARIS)
    assert said == "I cannot tell: not enough is known yet."


# Language models


def llm_context() -> llm.LLMContext:
    """A question that comes through the assistant."""
    return llm.LLMContext("test", Context(), "en", conversation.DOMAIN, None)


async def tools(hass: HomeAssistant) -> dict[str, llm.Tool]:
    """What a language model is given of ours."""
    for name in ("homeassistant", "llm"):
        assert await async_setup_component(hass, name, {})
    api = await llm.async_get_api(hass, llm.LLM_API_ASSIST, llm_context())
    return {tool.name: tool for tool in api.tools if tool.integration == DOMAIN}


async def call(hass: HomeAssistant) -> Any:
    """What the tool answers, as JSON."""
    tool = (await tools(hass))[TOOL]
    result = await tool.async_call(hass, llm.ToolInput(TOOL, {}), llm_context())
    assert isinstance(result, llm.ToolResult)
    return json.loads(json.dumps(result.data, allow_nan=False))


async def test_tool_tells_the_signal_and_the_next_window(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Of each membership; without the number of its delivery point."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    entry.runtime_data.production.is_used = True
    answer = await call(hass)
    (told,) = answer["memberships"]
    assert told["name"] == "Soleil du Boischaut"
    assert (told["good_time"], told["level"]) == (True, "excellent")
    assert told["window"]["energy_kwh"] > 0
    assert datetime.fromisoformat(told["window"]["end"]) > NOW
    assert told["confidence"] == "low"
    assert told["attribution"] == ATTRIBUTION
    assert PRM not in json.dumps(answer)
    plenty.injection_wh = 100
    await entry.runtime_data.settlement.async_refresh()
    await wait(hass, freezer, timedelta(minutes=31))
    (told,) = (await call(hass))["memberships"]
    assert (told["good_time"], told["window"]) == (False, None)


async def test_tool_is_safe_to_call(hass: HomeAssistant, plenty: Organiser) -> None:
    """It changes nothing, and there is one."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    (tool,) = (await tools(hass)).values()
    assert tool.annotations == llm.ToolAnnotations(
        read_only=True, destructive=False, idempotent=True, open_world=False
    )


async def test_no_tool_without_a_membership(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """Nothing to ask about, nothing offered."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    assert await tools(hass) == {}
