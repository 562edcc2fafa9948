"""A file of energies handed in through a form: which one, and what its columns are."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.helpers import selector
import voluptuous as vol

from ..engine.blocks import Quantity
from ..engine.delivery import Delivery
from ..engine.delivery_unread import ColumnsTold, Refusal, TableUnsure
from .delivered_file import async_delivery_texts, async_uploaded, why_not

CONF_FILE: Final = "file"
CONF_PASSWORD: Final = "password"
CONF_TIME: Final = "time"
CONF_UNIT: Final = "unit"
CONF_STAMP: Final = "stamp"
CONF_ZONE: Final = "time_zone"
BEGIN, END = "begin", "end"
UNITS: Final = ("Wh", "kWh", "W", "kW")
ZONES: Final = (
    "Europe/Paris",
    "Europe/Brussels",
    "Europe/Luxembourg",
    "UTC",
    "Etc/GMT-1",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "America/Miquelon",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Tahiti",
)
"""Local times that files of French, Belgian and Luxembourgish grid operators may be in; some count
winter time all year round."""
ENERGIES: Final = (
    Quantity.CONSUMPTION,
    Quantity.ALLOCATED,
    Quantity.COMPLEMENT,
    Quantity.PRODUCTION,
    Quantity.SURPLUS,
)
COLUMN_FIELDS: Final = (CONF_TIME, *ENERGIES, CONF_UNIT, CONF_STAMP, CONF_ZONE)
"""All that may be asked of a table; what is sure is not."""
SUFFIXES: Final = ".csv,.txt,.xlsx,.xml,.json,.zip"
FILE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_FILE): selector.FileSelector(
            selector.FileSelectorConfig(accept=SUFFIXES)
        ),
        vol.Optional(CONF_PASSWORD): selector.TextSelector(
            selector.TextSelectorConfig(type=selector.TextSelectorType.PASSWORD)
        ),
    }
)


class FileSteps(ConfigEntryBaseFlow):
    """Which file, and what its columns are where that is not sure."""

    _file_step: str
    """The form that asks for the file."""
    _handed_in: tuple[str, bytes, str | None]
    """Name, content and password of the file."""
    _unsure: TableUnsure

    @property
    @abstractmethod
    def _reading(self) -> Any:
        """What reads files for the entry."""

    @abstractmethod
    async def _async_delivered(self, delivery: Delivery) -> ConfigFlowResult | Refusal:
        """Go on with what the file holds."""

    async def _async_ask_file(
        self, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Which file?"""
        if user_input is None:
            return self._show_file("", {})
        found = await async_uploaded(self.hass, user_input[CONF_FILE])
        if found is None:
            return self._show_file("", {CONF_FILE: "file_gone"})
        self._handed_in = *found, user_input.get(CONF_PASSWORD)
        return await self._async_read()

    async def _async_refuse(self, refusal: Refusal) -> ConfigFlowResult:
        """Another file, with what was wrong with the last one."""
        texts = await async_delivery_texts(self.hass, self.hass.config.language)
        return self._show_file(why_not(texts, refusal), {"base": "file_not_read"})

    def _show_file(self, problem: str, errors: dict[str, str]) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=self._file_step,
            data_schema=FILE_SCHEMA,
            errors=errors,
            description_placeholders={"problem": problem},
        )

    async def _async_read(self) -> ConfigFlowResult:
        """Go on with what the file holds, or with what has to be said of it."""
        found = await self._reading.async_read(*self._handed_in)
        if isinstance(found, TableUnsure):
            self._unsure = found
            return self._ask_columns()
        if isinstance(found, Refusal):
            return await self._async_refuse(found)
        shown = await self._async_delivered(found)
        return await self._async_refuse(shown) if isinstance(shown, Refusal) else shown

    async def async_step_import_columns(
        self, user_input: dict[str, Any]
    ) -> ConfigFlowResult:
        """What are the columns?"""
        stamp = user_input.get(CONF_STAMP)
        told = ColumnsTold(
            columns={
                user_input[kind]: kind
                for kind in (CONF_TIME, *map(str, ENERGIES))
                if kind in user_input
            },
            unit=user_input.get(CONF_UNIT),
            is_end=None if stamp is None else stamp == END,
            time_zone=None
            if (zone := user_input.get(CONF_ZONE)) == self._zone
            else zone,
        )
        await self._reading.async_remember(self._unsure, told)
        return await self._async_read()

    def _ask_columns(self) -> ConfigFlowResult:
        unsure = self._unsure
        columns = _dropdown(
            [
                selector.SelectOptionDict(value=name, label=cell)
                for name, cell in zip(unsure.names, unsure.header, strict=True)
            ]
        )
        fields: dict[vol.Marker, selector.Selector[Any]] = {}
        if "time" in unsure.questions:
            fields[vol.Required(CONF_TIME)] = columns
        # Where columns have no name, nothing else about them is sure either.
        is_unnamed = bool(unsure.questions & {"energy", "columns", "quantity"})
        if is_unnamed:
            fields |= {vol.Optional(str(energy)): columns for energy in ENERGIES}
        for name, choice in (
            (CONF_UNIT, _choice(UNITS, None)),
            (CONF_STAMP, _choice((BEGIN, END), CONF_STAMP)),
        ):
            if name in unsure.questions:
                fields[vol.Required(name)] = choice
            elif is_unnamed:
                fields[vol.Optional(name)] = choice
        if unsure.asks_zone:
            zones = dict.fromkeys((self._zone, *ZONES))
            fields[vol.Optional(CONF_ZONE, default=self._zone)] = _dropdown(
                [selector.SelectOptionDict(value=z, label=_zone_text(z)) for z in zones]
            )
        return self.async_show_form(
            step_id="import_columns",
            data_schema=vol.Schema(fields),
            description_placeholders={"table": _table(unsure)},
        )

    @property
    def _zone(self) -> str:
        """The operation's time zone."""
        return str(self._reading.time_zone)


def _dropdown(options: list[selector.SelectOptionDict]) -> selector.SelectSelector:
    return selector.SelectSelector(
        selector.SelectSelectorConfig(
            options=options, mode=selector.SelectSelectorMode.DROPDOWN
        )
    )


def _zone_text(zone: str) -> str:
    """As people read it; the sign of the fixed ones is turned round."""
    return "UTC+1" if zone == "Etc/GMT-1" else zone


def _choice(
    options: Sequence[str], translation_key: str | None
) -> selector.SelectSelector:
    config = selector.SelectSelectorConfig(
        options=[*options], mode=selector.SelectSelectorMode.LIST
    )
    if translation_key is not None:
        config["translation_key"] = translation_key
    return selector.SelectSelector(config)


def _table(unsure: TableUnsure) -> str:
    """Header and first rows, as the form shows them."""
    rows = [unsure.header, ("---",) * len(unsure.header), *unsure.rows]
    return "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows)


def _cell(text: str) -> str:
    return text.replace("|", "/") or " "
