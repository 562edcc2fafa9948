"""A year of a member's settled pages at 15 minutes, as an organiser would publish them."""

from datetime import UTC, datetime, timedelta
import json
import random
from zoneinfo import ZoneInfo

TIME_ZONE = ZoneInfo("Europe/Paris")
STEP = timedelta(minutes=15)
YEAR = 2025


def months() -> list[str]:
    """The months of the year, YYYY-MM."""
    return [f"{YEAR}-{month:02}" for month in range(1, 13)]


def page(month: str) -> bytes:
    """The member's document of a month, not sealed."""
    number = int(month[-2:])
    start = datetime(YEAR, number, 1, tzinfo=TIME_ZONE)
    end = datetime(YEAR + number // 12, number % 12 + 1, 1, tzinfo=TIME_ZONE)
    n_steps = (end.astimezone(UTC) - start.astimezone(UTC)) // STEP
    dice = random.Random(month)
    consumption = [dice.randrange(600) for _ in range(n_steps)]
    allocated = [dice.randrange(wh + 1) for wh in consumption]
    document = {
        "format": "acc-feed",
        "version": 1,
        "document": "member_month",
        "published_at": end.isoformat(),
        "month": month,
        "revision": 1,
        "quality": "settled",
        "blocks": [
            {
                "start": start.isoformat(),
                "step_minutes": 15,
                "consumption_wh": consumption,
                "allocated_wh": allocated,
            }
        ],
    }
    return json.dumps(document).encode()
