"""An organiser with one member, on a real web server: what it publishes, and how it fails."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
import hashlib
import json
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import member_path, seal
from tests.pmo.feed_server import serving

PARIS = ZoneInfo("Europe/Paris")
TOKEN = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
NEW_TOKEN = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA"
NAME = "Soleil du Boischaut"
AGREEMENT = "ACC00000036"

type Document = dict[str, Any]
type Hours = dict[datetime, tuple[int, int]]
"""Consumption and allocated Wh by UTC hour."""


@dataclass(frozen=True)
class Month:
    """A published month: its first days, each step with its own energy."""

    month: str
    revision: int = 1
    quality: str = "settled"
    n_days: int = 1
    allocated_each_wh: int = 40
    step_minutes: int = 30

    @property
    def start(self) -> datetime:
        """First local midnight, UTC."""
        first = datetime.fromisoformat(f"{self.month}-01").replace(tzinfo=PARIS)
        return first.astimezone(UTC)

    @property
    def n_steps(self) -> int:
        """How many steps are published."""
        return self.n_days * 24 * 60 // self.step_minutes

    @property
    def consumption_wh(self) -> list[int]:
        """The member's withdrawal by step: no two neighbours alike."""
        return [100 + n * 7 % 60 for n in range(self.n_steps)]

    @property
    def allocated_wh(self) -> list[int]:
        """The member's part by step."""
        return [self.allocated_each_wh + n * 3 % 20 for n in range(self.n_steps)]

    @property
    def hours(self) -> Hours:
        """Consumption and allocated of each hour, as statistics must show them."""
        per_hour = 60 // self.step_minutes
        return {
            self.start + timedelta(hours=n): (
                sum(self.consumption_wh[n * per_hour : (n + 1) * per_hour]),
                sum(self.allocated_wh[n * per_hour : (n + 1) * per_hour]),
            )
            for n in range(self.n_steps // per_hour)
        }

    def reference(self) -> Document:
        """The line of an index."""
        return {
            "month": self.month,
            "revision": self.revision,
            "quality": self.quality,
        }


@dataclass
class Organiser:
    """What is published now; change it, and the next answer tells so."""

    now: datetime
    url: str = ""
    token: str = TOKEN
    agreement: str | None = AGREEMENT
    role: str = "consumer"
    key: str = "default_dynamic"
    step_minutes: int = 30
    coefficient: float | None = None
    last_day: date | None = None
    months: list[Month] = field(default_factory=lambda: [Month("2026-10")])
    injection_wh: int = 1500
    """Expected of all producers in each step."""
    rise_wh: int = 0
    """By how much each step of the forecast injects more than the one before."""
    deviation_w: int | None = None
    """Of the error of what is expected; None: not told."""
    members: int = 10
    withdrawal_wh: int | None = 3000
    """Expected of all members in each step: half of it is covered. None: not told."""
    flexible_wh: int | None = None
    """What the steered loads need on each of three days; None: not told."""
    usual_wh: int | None = None
    """What all members usually draw in each hour of November; None: not told."""
    forecast_hours: int = 72
    plants: list[Document] = field(default_factory=list)
    answers: dict[str, web.Response | bytes] = field(default_factory=dict)
    """What is answered instead, by file name; "*" for all."""
    asked: list[str] = field(default_factory=list)
    """File names that were asked for, in order."""
    takes_needs: bool | None = None
    """Whether homes may tell what they need; None: not told."""
    refuses_with: list[int] = field(default_factory=list)
    """How what is handed in next is refused; once it is empty, all is taken."""
    handed_in: list[tuple[str, bytes]] = field(default_factory=list)
    """What homes handed in: where, and the bytes."""

    @property
    def invitation(self) -> str:
        """What the member is given."""
        return Invitation(self.url, self.token).text

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as a web space does: by name, with an ETag."""
        if request.method == "PUT":
            self.handed_in.append((request.match_info["name"], await request.read()))
            return web.Response(
                status=self.refuses_with.pop(0) if self.refuses_with else 204
            )
        folder, _, name = request.match_info["name"].rpartition("/")
        self.asked.append(name)
        said = self.answers.get(name, self.answers.get("*"))
        if isinstance(said, web.Response):
            return web.Response(
                status=said.status, body=said.body, headers=said.headers
            )
        documents = self.documents()
        wanted = f"members/{member_path(self.token)}" if names.is_sealed(name) else ""
        if name not in documents or folder != wanted:
            return web.Response(status=404)
        body = json.dumps(documents[name]).encode() if said is None else said
        if names.is_sealed(name):
            body = seal(self.token, name, body)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        return web.Response(body=body, headers={"ETag": etag})

    def documents(self) -> dict[str, Document]:
        """All that is published, by file name, members' documents unsealed."""
        return {
            names.OPERATION: self._operation(),
            names.MEMBER: self._member(),
            names.FORECAST: self._forecast(),
            names.AGGREGATES: self._aggregates(),
            **{names.member_month(m.month): self._member_month(m) for m in self.months},
            **{
                names.aggregates_month(m.month): self._community_month(m)
                for m in self.months
            },
        }

    def _operation(self) -> Document:
        since = {"valid_from": "2025-01-01"}
        described = {
            "name": NAME,
            "time_zone": PARIS.key,
            "settlement_step_minutes": self.step_minutes,
        } | ({"id": self.agreement} if self.agreement else {})
        if self.takes_needs is not None:
            described["takes_needs"] = self.takes_needs
        return self._head("operation") | {
            "operation": described,
            "keys": [{"type": self.key, **since}],
            "prices": [{"model": "gift", "price_eur_per_kwh": 0, **since}],
            "plants": self.plants,
        }

    def _member(self) -> Document:
        period: Document = {"valid_from": "2025-01-01"}
        if self.last_day is not None:
            period["valid_to"] = self.last_day.isoformat()
        return self._head("member") | {
            "role": self.role,
            "membership": [period],
            "coefficients": [{"value": self.coefficient, "valid_from": "2025-01-01"}]
            if self.coefficient is not None
            else [],
            "months": [month.reference() for month in self.months],
        }

    def _forecast(self) -> Document:
        n_steps = self.forecast_hours * 60 // self.step_minutes
        start = datetime.combine(self.now.astimezone(PARIS), datetime.min.time(), PARIS)
        energies = {
            "shared_injection_wh": [
                self.injection_wh + n * self.rise_wh for n in range(n_steps)
            ],
        }
        if self.withdrawal_wh is not None:
            energies["base_withdrawal_wh"] = [self.withdrawal_wh] * n_steps
        block = _block(start, self.step_minutes, energies)
        told: Document = {"blocks": [block] if n_steps else []}
        if self.deviation_w is not None:
            told["errors"] = [
                {"above_w": 0, "mean_w": 0, "deviation_w": self.deviation_w}
            ]
        if self.flexible_wh is not None:
            told["flexible"] = [
                {
                    "day": (start + timedelta(days=n)).date().isoformat(),
                    "energy_wh": self.flexible_wh,
                    "homes": 5,
                }
                for n in range(3)
            ]
        return self._head("forecast") | told

    def _aggregates(self) -> Document:
        counts = {
            "members": self.members,
            "household_producers": 17,
            "non_household_plants": 0,
            "valid_from": "2025-01-01",
        }
        told: Document = {"counts": [counts]}
        if self.usual_wh is not None:
            day: Document = {"month": 11, "step_minutes": 60}
            day["base_withdrawal_wh"] = [self.usual_wh] * 24
            days = [day | {"is_weekend": is_weekend} for is_weekend in (False, True)]
            errors = [{"above_w": 0, "mean_w": 0, "deviation_w": 400}]
            told["usual"] = {"days": days, "errors": errors}
        months = [month.reference() for month in self.months]
        return self._head("aggregates") | told | {"months": months}

    def _member_month(self, month: Month) -> Document:
        energies = {
            "consumption_wh": month.consumption_wh,
            "allocated_wh": month.allocated_wh,
        }
        if self.role != "consumer":
            energies["production_wh"] = [200] * month.n_steps
            energies["surplus_wh"] = [30] * month.n_steps
        return self._page("member_month", month, energies)

    def _community_month(self, month: Month) -> Document:
        energies = {
            "shared_injection_wh": [4000] * month.n_steps,
            "total_withdrawal_wh": [9000] * month.n_steps,
            "allocated_wh": [3000] * month.n_steps,
        }
        return self._page("aggregates_month", month, energies)

    def _page(
        self, document: str, month: Month, energies: Mapping[str, list[int]]
    ) -> Document:
        block = _block(month.start.astimezone(PARIS), month.step_minutes, energies)
        return self._head(document) | month.reference() | {"blocks": [block]}

    def _head(self, document: str) -> Document:
        return {
            "format": "acc-feed",
            "version": 1,
            "document": document,
            "published_at": self.now.isoformat(timespec="seconds"),
        }


def _block(
    start: datetime, step_minutes: int, energies: Mapping[str, list[int]]
) -> Document:
    return {"start": start.isoformat(), "step_minutes": step_minutes, **energies}


def hours_of(months: Iterable[Month]) -> Hours:
    """The hours of several months."""
    return {hour: wh for month in months for hour, wh in month.hours.items()}


@asynccontextmanager
async def organising(now: datetime) -> AsyncIterator[Organiser]:
    """An organiser that answers on loopback."""
    organiser = Organiser(now)
    async with serving(organiser.answer) as server:
        organiser.url = str(server.make_url("/"))
        yield organiser
