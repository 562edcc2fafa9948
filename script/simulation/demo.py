"""The main job, for real: a Linky, an organiser and a Home Assistant on this machine."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
import fcntl
from pathlib import Path
import shutil
import signal
import sys
import time

from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.stamps import Stamps
from script.feed_invite import save_qr, write_private

from . import checks, energy, house, membership, past
from .curves import clearness
from .dashboard import check_faces, create_dashboard
from .devices import DEVICES, hand_over, wait_until_planned
from .errors import DemoError
from .linky import OFF_PEAK_HOURS, Linky
from .membership import DOMAIN, Shown
from .organiser import Organiser, midnight
from .pmo_server import serving
from .publisher import new_tokens, publish
from .resident import NAME, PASSWORD, Resident, moving_in
from .screenshot import take_screenshot
from .serial_port import READER_ENVIRONMENT, talking
from .village import OPERATIONS, STEP, TIME_ZONE, Village

FOLDER = Path(__file__).parents[2] / ".demo"
LOCK = "lock"
DELIVERY_POINT = "99000000000036"
"""No delivery point of France has such a number."""
ESTIMATE_LIMIT_S = 240
"""The meter's power is known after a few readings of its indexes."""
PUBLISH_EVERY_S = 3600

_started = time.monotonic()


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs, once it runs."""

    resident: Resident
    organiser: Organiser
    invitation: Invitation
    meter: Linky
    earlier: past.Settled = field(default_factory=dict)
    """The months that were taken in from files."""


def say(text: str) -> None:
    """Tell what happens, with the seconds since the start."""
    print(f"[{time.monotonic() - _started:4.0f} s] {text}", flush=True)


def shift_to_june_noon(village: Village, now: datetime) -> timedelta:
    """By how much to move the village's life so that it is noon on a clear day of June."""
    days = [date(now.year, 6, day) for day in range(1, 31)]
    clearest = max(days, key=lambda day: clearness(village, day))
    solar_noon = timedelta(hours=12 - village.longitude_deg / 15)
    start = datetime.combine(clearest, datetime.min.time(), UTC)
    return (start + solar_noon - now) // STEP * STEP


@asynccontextmanager
async def staged(
    village: Village, language: str, *, noon: bool
) -> AsyncIterator[Stage]:
    """Start the three real things, and configure Home Assistant as a person would."""
    async with before_setup(village, language, FOLDER, noon=noon) as stage:
        say("the member pastes the invitation and confirms the meter that was found")
        answers = _answers(stage.invitation, past.first_day(stage.organiser))
        entry = await stage.resident.configure(DOMAIN, answers)
        await hand_over(stage.resident, entry["entry_id"], say)
        await create_dashboard(stage.resident)
        say("earlier months are taken in, from a file of each kind and from a bill")
        earlier = await past.take_in(
            stage.resident,
            entry["entry_id"],
            stage.organiser,
            stage.meter.home,
            DELIVERY_POINT,
            FOLDER / "config" / house.DELIVERIES,
        )
        say("the member sets up the Energy dashboard, with what each hour costs")
        await energy.set_up(stage.resident, entry["entry_id"])
        yield replace(stage, earlier=earlier)


@asynccontextmanager
async def before_setup(
    village: Village, language: str, folder: Path, *, noon: bool = False
) -> AsyncIterator[Stage]:
    """Start the three real things: the Linky is read, and this integration not there yet."""
    now = datetime.now(UTC)
    shift = shift_to_june_noon(village, now) if noon else timedelta(0)
    organiser = Organiser(village, now, shift=shift)
    tokens = new_tokens(village)
    opened = midnight(now.astimezone(TIME_ZONE).date())
    meter = Linky(village, village.shown_home, opened, shift=shift)
    port = house.free_port()
    house.prepare(folder / "config", village, language, port)
    feed = folder / "feed"
    say("the organiser settles the past months and publishes")
    stamps = await asyncio.to_thread(publish, organiser, tokens, feed, Stamps())
    serial = folder / "linky"
    say("Home Assistant starts")
    async with (
        serving(feed) as address,
        _publishing(organiser, tokens, feed, stamps),
        talking(meter.frame, serial),
        house.running(folder / "config", port, READER_ENVIRONMENT) as home,
        moving_in(home, language) as resident,
    ):
        await resident.wait_for_start()
        say("its own teleinfo integration opens the serial port of the Linky")
        await resident.configure("teleinfo", {"user": {"serial_port": str(serial)}})
        invitation = Invitation(address, tokens[village.shown_home])
        yield Stage(resident, organiser, invitation, meter)


def _answers(invitation: Invitation, since: date) -> dict[str, dict[str, str]]:
    """What the member types, with prices of all that is settled; the rest is confirmed."""
    return {
        "user": {"invitation": invitation.text},
        "delivery_point": {"delivery_point": DELIVERY_POINT},
        "contract": {"contract_kind": "off_peak"},
        "contract_off_peak": {
            "off_peak_hours": OFF_PEAK_HOURS,
            "prices_since": since.isoformat(),
        },
    }


def keep_invitation(invitation: Invitation, folder: Path) -> str:
    """Keep the invitation as text and as QR; tells where, and where it leads, in one line."""
    text, image = folder / "invitation.txt", folder / "invitation.svg"
    write_private(text, f"{invitation.text}\n".encode())
    save_qr(invitation, image)
    places = ", ".join(f"{folder.name}/{path.name}" for path in (text, image))
    return f"the invitation to {invitation.base_url}, as text and QR: {places}"


@asynccontextmanager
async def _publishing(
    organiser: Organiser, tokens: tuple[str, ...], feed: Path, stamps: Stamps
) -> AsyncIterator[None]:
    """Publish again each hour, as long as the demonstration runs."""

    async def publish_on() -> None:
        held = stamps
        while True:
            await asyncio.sleep(PUBLISH_EVERY_S)
            current = replace(organiser, now=datetime.now(UTC))
            held = await asyncio.to_thread(publish, current, tokens, feed, held)

    task = asyncio.create_task(publish_on())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _check(
    stage: Stage, shown: dict[str, Shown], language: str, screenshot: Path
) -> None:
    """Assert what the demonstration shows; DemoError tells what is not so."""
    checks.check_language(shown, language)
    say(f"ok: all {len(shown)} entities are known and named in {language}")
    settled = checks.settled(stage.organiser, stage.meter.home) | dict(stage.earlier)
    since = midnight(date.fromisoformat(f"{min(settled)}-01"))
    await checks.check_statistics(stage.resident, settled, since)
    say(f"ok: {len(settled)} settled months stand in the statistics, to the Wh")
    sums = await checks.check_dashboard(stage.resident, settled, since)
    say(f"ok: the pair of the Energy dashboard adds up: {sums}")
    year = screenshot.with_name(f"{screenshot.stem}_energy.png")
    await energy.picture(stage.resident, language, year)
    say(f"ok: the Energy dashboard of the year saved to {year}")
    names = [shown[key].name for key in membership.SUMMARY]
    device = f"/config/devices/device/{shown['good_time'].device_id}"
    await take_screenshot(stage.resident, device, names, language, screenshot)
    say(f"ok: device page saved to {screenshot}")
    for one in DEVICES:
        load = await wait_until_planned(stage.resident, one.name)
        checks.check_language(load, language)
        path = screenshot.with_name(f"{screenshot.stem}_{one.template}.png")
        page = f"/config/devices/device/{load['load_status'].device_id}"
        await take_screenshot(
            stage.resident, page, [load["load_reason"].name], language, path
        )
        say(f"ok: {one.name}: {load['load_reason'].state} ({path})")
    pictures = await check_faces(stage.resident, language, screenshot)
    say(f"ok: the card's four faces are drawn ({', '.join(map(str, pictures))})")
    if shown["window_start"].is_known:
        events = screenshot.with_name(f"{screenshot.stem}_calendar.png")
        windows = [shown["good_windows"].attributes["message"]]
        await take_screenshot(stage.resident, "/calendar", windows, language, events)
        say(f"ok: calendar of good windows saved to {events}")
    secrets = {
        "delivery point": DELIVERY_POINT,
        "meter address": stage.meter.address,
        "token": stage.invitation.token,
    }
    checks.check_log(FOLDER / "config" / house.LOG, secrets)
    say("ok: the log has no error and no secret")


async def _run(arguments: argparse.Namespace) -> None:
    """Show the main job, then check it or keep it running."""
    language = arguments.language
    village = OPERATIONS[arguments.operation]()
    async with staged(village, language, noon=arguments.noon) as stage:
        say("waiting for the first estimate (a minute or two)")
        shown = await membership.wait_until_known(stage.resident, ESTIMATE_LIMIT_S, say)
        print()
        for line in await membership.summary(stage.resident, shown, language):
            print(f"  {line}")
        for device in DEVICES:
            load = await wait_until_planned(stage.resident, device.name)
            print(f"  {device.name}: {load['load_reason'].state}")
        print(f"  {keep_invitation(stage.invitation, FOLDER)}")
        if arguments.noon:
            print(
                "  (--noon: for the days to come the village lives a clear noon of June)"
            )
        print()
        if arguments.check:
            await _check(stage, shown, language, arguments.screenshot)
            return
        say(f"open {stage.resident.address}, user {NAME}, password {PASSWORD}")
        say("Ctrl-C ends it")
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        say("stopping")


async def _run_until_signal(arguments: argparse.Namespace) -> None:
    """Stop in order also when the terminal closes or the system asks for it."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await _run(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--language", choices=("fr", "en"), default="fr")
    parser.add_argument(
        "--operation",
        choices=OPERATIONS,
        default=next(iter(OPERATIONS)),
        help="little surplus of small kits, or much of one large roof",
    )
    parser.add_argument(
        "--noon",
        action="store_true",
        help="move today and the forecast to noon of a clear day of June",
    )
    parser.add_argument("--check", action="store_true", help="assert it all and exit")
    parser.add_argument("--screenshot", type=Path, default=FOLDER / "device.png")
    return parser.parse_args()


def _clear(folder: Path) -> None:
    """Remove everything but the lock."""
    for stale in folder.iterdir():
        if stale.is_dir() and not stale.is_symlink():
            shutil.rmtree(stale)
        elif stale.name != LOCK:
            stale.unlink()


def main() -> int:
    """Run with a fresh folder that nobody else uses."""
    arguments = _arguments()
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("demo: another demonstration is running", file=sys.stderr)
            return 1
        _clear(FOLDER)
        try:
            asyncio.run(_run_until_signal(arguments))
        except DemoError as err:
            print(f"demo: {err}", file=sys.stderr)
            return 1
        except KeyboardInterrupt, asyncio.CancelledError:
            print("demo: interrupted before everything was running", file=sys.stderr)
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
