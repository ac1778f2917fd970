"""The price book on two time axes: from when a vendor charges a price, and from when we know it.

A catalogue is known version by version. A later version replaces what an earlier one said of a model; of a model that
it does not name it says nothing. A version in which a price jumps a hundredfold is held back until it is confirmed:
where one number is wrong, the others are not to be trusted either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from orchestration.ingest.price_book import DAY_SECONDS, FIRST_DAY, LAST_DAY, METERS, NO_LIMIT, STANDARD

ALWAYS, FOREVER = datetime(1970, 1, 1), datetime(9999, 12, 31)
JUMP = 100
MOST = 1_000  # USD for one unit of anything

Prices = tuple[Decimal | None, ...]  # in the order of METERS; None where nothing is known
NO_PRICES: Prices = (None,) * len(METERS)
ByMeter = dict[tuple[str, str], set[Decimal]]  # (service tier, meter) -> all its prices


class Box(NamedTuple):
    """Where prices are constant: a tier of service, days, seconds of the UTC day, numbers of input tokens.

    Ends are exclusive, but for `up_to`.
    """

    service_tier: str
    valid_from: date
    valid_to: date
    from_second: int
    to_second: int
    over: int
    up_to: int
    prices: Prices


class Version(NamedTuple):
    """What a catalogue says of one model from `known_at` on."""

    known_at: datetime
    boxes: tuple[Box, ...]


class Jump(NamedTuple):
    """A price that is a hundred times what was known, or a hundredth, or no possible price."""

    service_tier: str
    meter: str
    price: Decimal
    known_price: Decimal | None


@dataclass(frozen=True)
class Known:
    """A model's accepted versions, and the jumps for which others are held back, with when they came."""

    versions: list[Version]
    held: list[tuple[datetime, Jump]]


def accepted(
    versions: Iterable[Version], rival: Iterable[Version] = (), confirmed: frozenset[tuple[str, Decimal]] = frozenset()
) -> Known:
    """The versions without those in which a price jumps, in their order.

    A price is compared with those of the same tier and meter in the last accepted version that has any, and where none
    has, with what the `rival` catalogue says by then; a price of zero with the former alone, as beside a rival's price
    it only means that this catalogue does not know it. `confirmed`: meters and prices that may stand.
    """
    known = Known([], [])
    before: ByMeter = {}
    theirs = list(rival)
    for version in versions:
        others = [other for other in theirs if other.known_at <= version.known_at]
        either = _by_meter(others[-1].boxes if others else ()) | before
        found = [jump for jump in jumps(version.boxes, either) if (jump.meter, jump.price) not in confirmed]
        found = [jump for jump in found if jump.price or (jump.service_tier, jump.meter) in before]
        known.held.extend((version.known_at, jump) for jump in found)
        if not found:
            known.versions.append(version)
            before |= _by_meter(version.boxes)
    return known


def jumps(boxes: Iterable[Box], before: ByMeter) -> list[Jump]:
    """One jump for each tier, meter and price that cannot be, or not beside those `before`."""
    found = []
    for (tier, meter), prices in sorted(_by_meter(boxes).items()):
        known = before.get((tier, meter), {None})
        least, most = min(known), max(known)
        for price in sorted(prices):
            if not 0 <= price < MOST or (most and price >= most * JUMP):
                found.append(Jump(tier, meter, price, most))
            elif least and price <= least / JUMP:
                found.append(Jump(tier, meter, price, least))
    return found


def _by_meter(boxes: Iterable[Box]) -> ByMeter:
    found: ByMeter = {}
    for box in boxes:
        for meter, price in zip(METERS, box.prices, strict=True):
            if price is not None:
                found.setdefault((box.service_tier, meter), set()).add(price)
    return found


def dated(versions: Iterable[Version]) -> list[Version]:
    """Versions of a catalogue that says no dates: a price holds from the day on which it is known, the first always.

    A tier of service that one version names and the next does not had, or then has, the standard prices.
    """
    made: list[Version] = []
    for version in versions:
        first = version.known_at.date() if made else FIRST_DAY
        earlier = [box._replace(valid_to=min(box.valid_to, first)) for box in (made[-1].boxes if made else ())]
        boxes = [box for box in earlier if box.valid_from < box.valid_to]
        tiers = {box.service_tier for box in (*boxes, *version.boxes)}
        now = [box._replace(valid_from=first) for box in _in_tiers(version.boxes, tiers)]
        made.append(Version(version.known_at, (*_in_tiers(boxes, tiers), *now)))
    return made


def _in_tiers(boxes: Sequence[Box], tiers: Collection[str]) -> list[Box]:
    """The boxes, and those of the standard tier for each of the tiers that has none."""
    lacking = sorted(set(tiers) - {box.service_tier for box in boxes})
    standard = [box for box in boxes if box.service_tier == STANDARD]
    return [*boxes, *(box._replace(service_tier=tier) for tier in lacking for box in standard)]


def rows(versions: list[Version]) -> Iterator[tuple[datetime, datetime, Box]]:
    """(known_from, known_to, box) of a model: every moment of knowledge, day, second and size once in each tier.

    All versions are cut at the same seconds and sizes, and have the same tiers, so that a day's usage, summed by them,
    can be priced by any. Before the first one stands a box without prices.
    """
    tiers = sorted({box.service_tier for version in versions for box in version.boxes} | {STANDARD})
    seconds = sorted({edge for v in versions for box in v.boxes for edge in (box.from_second, box.to_second)})
    sizes = sorted({edge for v in versions for box in v.boxes for edge in (box.over, box.up_to)})
    unknown = Box(STANDARD, FIRST_DAY, LAST_DAY, 0, DAY_SECONDS, -1, NO_LIMIT, NO_PRICES)
    padded = versions if versions[0].known_at == ALWAYS else [Version(ALWAYS, (unknown,)), *versions]
    for version, after in pairwise([*padded, Version(FOREVER, ())]):
        if version.known_at == after.known_at:
            continue
        for tier in tiers:
            own = [box for box in version.boxes if box.service_tier == tier]
            for box in own or (box for box in version.boxes if box.service_tier == STANDARD):
                for from_second, to_second in pairwise(s for s in seconds if box.from_second <= s <= box.to_second):
                    for over, up_to in pairwise(s for s in sizes if box.over <= s <= box.up_to):
                        yield (
                            version.known_at,
                            after.known_at,
                            Box(tier, *box[1:3], from_second, to_second, over, up_to, _with_requests(box.prices)),
                        )


def _with_requests(prices: Prices) -> Prices:
    """A model that has prices and none for the request charges nothing for it."""
    known = dict(zip(METERS, prices, strict=True))
    if known["requests"] is None and any(price is not None for price in prices):
        known["requests"] = Decimal(0)
    return tuple(known.values())
