"""The organiser's check: a sound feed passes, each mistake is named and counts."""

from collections.abc import Callable
from datetime import UTC, datetime
import io
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import member_path, seal
from script.feed_check import check, main

from .conftest import TOKEN, corpus
from .feed_server import serving_folder

GOOD = corpus("good")
MONTH = names.aggregates_month("2026-10")
OWN_MONTH = names.member_month("2026-10")
INVITATION = Invitation("https://pmo.example/", TOKEN).text
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
"""In the last block of the forecast of the corpus."""

type Change = Callable[[dict[str, Any]], object]


class Publisher:
    """Publishes a small sound feed, in which a test may change one document."""

    def __init__(self, folder: Path) -> None:
        """Publish documents of the corpus that belong together."""
        self.folder = folder
        self.documents = {
            names.OPERATION: json.loads(GOOD["operation.village"]),
            names.AGGREGATES: json.loads(GOOD["aggregates.village"]),
            names.FORECAST: json.loads(GOOD["forecast.two_steps"]),
            names.MEMBER: json.loads(GOOD["member.consumer"]),
            MONTH: json.loads(GOOD["aggregates_month.2026-10.long_day"]),
            OWN_MONTH: json.loads(GOOD["member_month.2026-10.long_day_30_min"]),
        }
        self.documents[names.AGGREGATES]["months"].pop()
        for page in (MONTH, OWN_MONTH):
            self.documents[page]["revision"] = 2
        (folder / "members" / member_path(TOKEN)).mkdir(parents=True)
        for name in self.documents:
            self.publish(name)

    def publish(self, name: str, change: Change = lambda document: None) -> None:
        """Write a document, changed or not."""
        change(self.documents[name])
        self.write(name, json.dumps(self.documents[name]).encode())

    def write(self, name: str, body: bytes) -> None:
        """Write any bytes in the place of a document."""
        if names.is_sealed(name):
            sealed = seal(TOKEN, name, body)
            (self.folder / "members" / member_path(TOKEN) / name).write_bytes(sealed)
        else:
            (self.folder / name).write_bytes(body)


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    """A sound feed in a folder."""
    return Publisher(tmp_path)


def set_counts(**counts: Any) -> Change:
    """Change how many take part."""
    return lambda document: document["counts"][0].update(counts)


async def findings_of(publisher: Publisher) -> list[tuple[str, str]]:
    """All findings, each with its document."""
    findings = await check(str(publisher.folder), INVITATION, NOW)
    return [(name, text) for name, texts in findings.items() for text in texts]


async def test_sound_feed_has_no_findings(publisher: Publisher) -> None:
    """Every document is looked at, and found in order."""
    findings = await check(str(publisher.folder), INVITATION, NOW)
    assert findings == {name: [] for name in publisher.documents}


@pytest.mark.usefixtures("socket_enabled")
async def test_feed_is_checked_over_http_too(publisher: Publisher) -> None:
    """After the upload the check says the same."""
    async with serving_folder(publisher.folder) as server:
        address = str(server.make_url("/"))
        findings = await check(address, Invitation(address, TOKEN).text, NOW)
    assert findings == {name: [] for name in ("invitation", *publisher.documents)}


@pytest.mark.usefixtures("socket_enabled")
async def test_invitation_to_another_feed_is_named(publisher: Publisher) -> None:
    """The member would be led elsewhere, even where its documents are in order here."""
    async with serving_folder(publisher.folder) as server:
        findings = await check(str(server.make_url("/")), INVITATION, NOW)
    assert findings == {name: [] for name in publisher.documents} | {
        "invitation": ["leads to https://pmo.example/"]
    }


async def test_own_documents_need_the_invitation(publisher: Publisher) -> None:
    """Without a token they cannot even be found."""
    findings = await check(str(publisher.folder), None, NOW)
    assert not any(names.is_sealed(name) for name in findings)


@pytest.mark.parametrize(
    ("name", "change", "finding"),
    [
        pytest.param(
            names.OPERATION,
            lambda operation: operation["plants"][0].update(latitude_deg=46.951),
            "plants[0]: position not rounded to 0.01°",
            id="position of a roof",
        ),
        pytest.param(
            names.OPERATION,
            lambda operation: operation["plants"][0].update(households=1),
            "plants[0]: position of a single household",
            id="position of one household",
        ),
        pytest.param(
            names.OPERATION,
            lambda operation: operation["keys"][0].update(valid_to="2026-11-19"),
            "keys: none in force on 2026-11-20",
            id="key that ended yesterday",
        ),
        pytest.param(
            names.OPERATION,
            lambda operation: operation["keys"][0].update(status="pending"),
            "keys: none in force on 2026-11-20",
            id="key that waits for the grid operator",
        ),
        pytest.param(
            names.FORECAST,
            lambda forecast: forecast["blocks"].pop(),
            "the forecast ends in the past",
            id="forecast of this morning",
        ),
        pytest.param(
            MONTH,
            lambda page: page.update(revision=1),
            "revision 1, but 2 in the index",
            id="page older than its index",
        ),
        pytest.param(
            OWN_MONTH,
            lambda page: page.update(quality="provisional"),
            "quality provisional, but settled in the index",
            id="page less final than its index",
        ),
        pytest.param(
            names.MEMBER,
            lambda member: member["months"].append(
                {"month": "2026-09", "revision": 1, "quality": "settled"}
            ),
            "No such file or directory",
            id="page missing",
        ),
    ],
)
async def test_mistake_is_named(
    publisher: Publisher, name: str, change: Change, finding: str
) -> None:
    """One mistake, one finding, at its document."""
    publisher.publish(name, change)
    assert [text for _, text in await findings_of(publisher)] == [finding]


async def test_forecast_without_blocks_is_sound(publisher: Publisher) -> None:
    """An organiser may publish none."""
    publisher.publish(names.FORECAST, lambda forecast: forecast.update(blocks=[]))
    assert await findings_of(publisher) == []


async def test_group_may_show_its_position(publisher: Publisher) -> None:
    """A group of two hides each; a plant on its own is no household's."""
    for households in (2, None):
        publisher.publish(
            names.OPERATION,
            lambda document, n=households: document["plants"][0].update(households=n),
        )
        assert await findings_of(publisher) == []


@pytest.mark.parametrize(
    ("change", "findings"),
    [
        pytest.param(
            {},
            ["coefficients: none in force on 2026-11-20, under a static key"],
            id="none",
        ),
        pytest.param(
            {"coefficients": [{"value": 0.0, "valid_from": "2026-11-20"}]},
            [],
            id="a coefficient of nothing",
        ),
        pytest.param(
            {
                "coefficients": [
                    {"value": 0.1, "valid_from": "2026-01-01", "valid_to": "2026-11-19"}
                ]
            },
            ["coefficients: none in force on 2026-11-20, under a static key"],
            id="ended yesterday",
        ),
        pytest.param({"role": "producer"}, [], id="who consumes nothing"),
        pytest.param(
            {"membership": [{"valid_from": "2026-12-01"}]}, [], id="not yet a member"
        ),
    ],
)
async def test_static_key_asks_for_a_coefficient(
    publisher: Publisher, change: dict[str, Any], findings: list[str]
) -> None:
    """Without one the home cannot tell its part."""
    publisher.publish(
        names.OPERATION, lambda document: document["keys"][0].update(type="static")
    )
    publisher.publish(names.MEMBER, lambda member: member.update(change))
    expected = [(names.MEMBER, finding) for finding in findings]
    assert await findings_of(publisher) == expected


async def test_key_written_twice_is_named(publisher: Publisher) -> None:
    """Readers differ in which of the two they take."""
    text = json.dumps(publisher.documents[MONTH])
    publisher.write(MONTH, text.replace("{", '{"month": "2026-10", ', 1).encode())
    assert await findings_of(publisher) == [(MONTH, "JSON: 'month' stands twice")]


@pytest.mark.parametrize(
    ("counts", "quantities"),
    [
        pytest.param({"members": 10}, set(), id="ten members"),
        pytest.param(
            {"members": 9},
            {"allocated", "base_withdrawal", "total_withdrawal", "forecast"},
            id="nine members",
        ),
        pytest.param({"household_producers": 10}, set(), id="ten household producers"),
        pytest.param(
            {"household_producers": 9},
            {"allocated", "shared_injection"},
            id="nine household producers",
        ),
        pytest.param(
            {"household_producers": 9, "non_household_plants": 1},
            set(),
            id="nine household producers and a school",
        ),
        pytest.param(
            {"household_producers": 0, "non_household_plants": 1},
            set(),
            id="a school alone",
        ),
        pytest.param(
            {"valid_from": "2026-10-26"},
            {"allocated", "shared_injection", "base_withdrawal", "total_withdrawal"},
            id="not counted on that day",
        ),
    ],
)
async def test_sum_that_hides_nobody_is_a_fault(
    publisher: Publisher, counts: dict[str, Any], quantities: set[str]
) -> None:
    """Fewer than ten behind a sum tell about one of them."""
    publisher.publish(names.AGGREGATES, set_counts(**counts))
    found = {
        ("forecast" if name == names.FORECAST else text.partition("_wh:")[0])
        for name, text in await findings_of(publisher)
    }
    assert found == quantities


TOO_FEW = "flexible: too few homes stand behind it on 2026-11-20"
SECOND_DAY = "homes on 2026-11-21, but at most"


@pytest.mark.parametrize(
    ("homes", "counts", "findings"),
    [
        pytest.param((13, 14), {}, [], id="some of the members"),
        pytest.param((3, 30), {}, [], id="three homes, then all members"),
        pytest.param(
            (13, 14), {"members": 14, "followers": None}, [], id="followers not told"
        ),
        pytest.param((3, 3), {"followers": 3}, [], id="all followers"),
        pytest.param((2, 14), {}, [TOO_FEW], id="two homes"),
        pytest.param((0, 14), {}, [TOO_FEW], id="no home"),
        pytest.param(
            (13, 31),
            {},
            [f"flexible: 31 {SECOND_DAY} 30 follow the signal"],
            id="more than members",
        ),
        pytest.param(
            (13, 14),
            {"followers": 13},
            [f"flexible: 14 {SECOND_DAY} 13 follow the signal"],
            id="more than followers",
        ),
        pytest.param(
            (3, 31), {"valid_to": "2026-11-20"}, [], id="not counted on that day"
        ),
    ],
)
async def test_need_that_is_not_of_enough_followers_is_named(
    publisher: Publisher,
    homes: tuple[int, int],
    counts: dict[str, Any],
    findings: list[str],
) -> None:
    """Neither of one home nor of those that do not follow."""
    days = zip(("2026-11-20", "2026-11-21"), homes, strict=True)
    flexible = [{"day": day, "energy_wh": 90000, "homes": n} for day, n in days]
    publisher.publish(names.FORECAST, lambda told: told.update(flexible=flexible))
    publisher.publish(MONTH, without_withdrawal)
    publisher.publish(names.AGGREGATES, set_counts(**counts))
    assert await findings_of(publisher) == [(names.FORECAST, text) for text in findings]


FEW = "are too few for what they told: 6000 Wh for each"


@pytest.mark.parametrize(
    ("takes_needs", "homes", "energy_wh", "findings"),
    [
        pytest.param(True, 9, 54_000, [], id="a usual need of nine"),
        pytest.param(True, 10, 61_234, [], id="what ten told"),
        pytest.param(True, 9, 54_001, [f"flexible: 9 homes on 2026-11-20 {FEW}"], id="what nine told"),
        pytest.param(False, 9, 54_001, [], id="nobody tells"),
    ],
)  # fmt: skip
async def test_what_too_few_told_is_named(
    publisher: Publisher,
    takes_needs: bool,
    homes: int,
    energy_wh: int,
    findings: list[str],
) -> None:
    """One that told would stand out beside nine whose need is known."""
    need = {"day": "2026-11-20", "energy_wh": energy_wh, "homes": homes}
    publisher.publish(names.FORECAST, lambda told: told.update(flexible=[need]))
    publisher.publish(
        names.OPERATION,
        lambda told: told["operation"].update(takes_needs=takes_needs),
    )
    assert await findings_of(publisher) == [(names.FORECAST, text) for text in findings]


@pytest.mark.parametrize(
    ("followers", "is_told"),
    [(None, False), (0, False), (1, True), (9, True), (10, False)],
)
async def test_what_few_steer_is_not_told_apart(
    publisher: Publisher, followers: int | None, is_told: bool
) -> None:
    """The base without it, beside the total with it."""
    publisher.publish(names.AGGREGATES, set_counts(followers=followers))
    where = {text.partition(":")[0] for _, text in await findings_of(publisher)}
    assert where == ({"base_withdrawal_wh"} if is_told else set())


async def test_a_base_cut_at_one_level_tells_of_nobody(publisher: Publisher) -> None:
    """So it may be made of the total alone."""

    def cut(page: dict[str, Any]) -> None:
        for block in page["blocks"]:
            total = block["total_withdrawal_wh"]
            block["base_withdrawal_wh"] = [
                None if wh is None else min(wh, 100) for wh in total
            ]

    publisher.publish(MONTH, cut)
    publisher.publish(names.AGGREGATES, set_counts(followers=5))
    assert await findings_of(publisher) == []


@pytest.mark.parametrize(
    ("members", "findings"),
    [
        pytest.param(10, [], id="ten members"),
        pytest.param(
            9, ["errors: too few stand behind them on 2026-11-20"], id="nine members"
        ),
    ],
)
async def test_errors_of_a_withdrawal_that_hides_nobody_are_named(
    publisher: Publisher, members: int, findings: list[str]
) -> None:
    """A small operation may still tell its flexible need."""
    claim = json.loads(GOOD["forecast.claim"])
    for need in claim["flexible"]:
        need["homes"] = 3
    for block in claim["blocks"]:
        block.pop("base_withdrawal_wh", None)
    publisher.publish(names.FORECAST, lambda told: told.update(claim))
    publisher.publish(MONTH, without_withdrawal)
    publisher.publish(names.AGGREGATES, set_counts(members=members))
    assert await findings_of(publisher) == [(names.FORECAST, text) for text in findings]
    publisher.publish(names.FORECAST, lambda told: told.update(errors=[]))
    assert await findings_of(publisher) == []


@pytest.mark.parametrize(
    ("members", "findings"),
    [
        pytest.param(10, [], id="ten members"),
        pytest.param(
            9, ["usual: too few stand behind it on 2026-11-20"], id="nine members"
        ),
    ],
)
async def test_usual_days_of_few_are_named(
    publisher: Publisher, members: int, findings: list[str]
) -> None:
    """They tell how these few live."""
    publisher.publish(names.FORECAST, lambda told: told.update(blocks=[]))
    publisher.publish(MONTH, without_withdrawal)
    usual = json.loads(GOOD["aggregates.usual"])["usual"]

    def tell(told: dict[str, Any]) -> None:
        told["usual"] = usual
        set_counts(members=members)(told)

    publisher.publish(names.AGGREGATES, tell)
    found = await findings_of(publisher)
    assert found == [(names.AGGREGATES, text) for text in findings]


def without_withdrawal(page: dict[str, Any]) -> None:
    """Leave out of a month what a small operation must not show."""
    for block in page["blocks"]:
        for field in ("base_withdrawal_wh", "total_withdrawal_wh", "allocated_wh"):
            block.pop(field, None)


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        pytest.param(
            b'{"a"}',
            ["JSON: Expecting ':' delimiter: line 1 column 5 (char 4)", "not_json"],
            id="no JSON",
        ),
        pytest.param(
            b'{"a": NaN}', ["JSON: NaN is no JSON", "wrong_format format"], id="NaN"
        ),
        pytest.param(
            "{}".encode("utf-16-le"),
            [
                "JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
                "not_json",
            ],
            id="UTF-16",
        ),
        pytest.param(b"[]", ["schema: $ breaks 'type'", "wrong_format"], id="an array"),
        pytest.param(
            GOOD["member.consumer"], ["wrong_format document"], id="another document"
        ),
        pytest.param(b"[" * 10**6, ["not_json"], id="nested without end"),
    ],
)
async def test_unreadable_document_is_named(
    publisher: Publisher, body: bytes, findings: list[str]
) -> None:
    """What stops any reader is found too."""
    publisher.write(names.FORECAST, body)
    expected = [(names.FORECAST, finding) for finding in findings]
    assert await findings_of(publisher) == expected


def test_command_prints_a_table_and_ends_with_the_verdict(
    publisher: Publisher, capsys: pytest.CaptureFixture[str]
) -> None:
    """For the eye and for a script."""
    assert main([str(publisher.folder)], NOW) == 0
    assert capsys.readouterr().out.splitlines() == [
        "operation.json           ok",
        "aggregates.json          ok",
        "forecast.json            ok",
        "aggregates-2026-10.json  ok",
    ]
    publisher.publish(MONTH, lambda page: page.update(revision=1))
    assert main([str(publisher.folder)], NOW) == 1
    assert "aggregates-2026-10.json  revision 1, but 2" in capsys.readouterr().out


def test_invitation_comes_from_standard_input_too(
    publisher: Publisher,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Where other users of the machine cannot see it."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{INVITATION}\n"))
    assert main([str(publisher.folder), "-"], NOW) == 0
    assert f"{names.MEMBER:25}ok" in capsys.readouterr().out


def test_command_refuses_what_is_neither_folder_nor_feed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In one line, before anything is read."""
    with pytest.raises(SystemExit, match="2"):
        main(["http://pmo.example/"], NOW)
    assert "not_secure" in capsys.readouterr().err
