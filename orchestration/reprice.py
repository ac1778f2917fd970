"""`costgrain reprice`: what metered usage would have cost by the prices known at a time, beside what it costs now.

Only public prices have a time at which they were known: usage, contracts and aliases are those of now. Read from the
published marts, whose day sums hold usage by the tier, part of the day and size of input that prices depend on; no call
is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from rich import box
from rich.markup import escape
from rich.table import Table

from orchestration import publish
from orchestration.errors import MendableError
from orchestration.places import Places, parse_now
from orchestration.progress import wide_console

QUERY = """
    select spans.month, spans.provider, spans.model, spans.call_count, spans.has_unknown_price, spans.{basis}_cost_usd,
        known_now.{basis}_cost_usd
    from finance.cost_as_known as spans
    join finance.cost_as_known as known_now
        on spans.month = known_now.month and spans.model = known_now.model
        and spans.provider is not distinct from known_now.provider
    join governance.run_info on known_now.known_from <= as_of_at and as_of_at < known_now.known_to
    where spans.known_from <= $moment and $moment < spans.known_to and ($month is null or spans.month = $month)
    order by spans.month, spans.provider, spans.model
"""


@dataclass(frozen=True)
class Repriced:
    """A model's usage of a month in USD, as known `then` and `now`.

    `is_partial`: not all of it had a price then. Where none had, `then` is None.
    """

    month: date
    provider: str | None
    model: str
    calls: int
    is_partial: bool
    then: Decimal | None
    now: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        return None if self.then is None or self.now is None else self.now - self.then


def reprice(places: Places, as_known_at: str, month: str | None = None, basis: str = "contracted") -> list[Repriced]:
    """Raises MendableError for a time or month that cannot be, and where nothing is published."""
    moment, first = _moment(as_known_at), _month(month)
    with publish.opened(places) as marts:
        found = marts.execute(QUERY.format(basis=basis), {"moment": moment, "month": first}).fetchall()
    return [Repriced(*row) for row in found]


def show(repriced: Sequence[Repriced], as_known_at: str, basis: str) -> None:
    """Print a line a month, provider and model, and their total."""
    console = wide_console()
    if not repriced:
        console.print("No priced usage is published for that.")
        return
    title = f"Metered at {basis} prices, USD, as known at {escape(as_known_at)} and now"
    console.print(f"\n[bold]{title}[/bold]", highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in ("month", "provider", "model"):
        table.add_column(name, overflow="fold")
    for name in ("calls", "then", "now", "difference"):
        table.add_column(name, justify="right")
    for row in repriced:
        name = escape(row.model) + (" *" if row.is_partial else "")
        cells = map(_usd, (row.then, row.now, row.difference))
        table.add_row(f"{row.month:%Y-%m}", escape(row.provider or "-"), name, f"{row.calls:,}", *cells)
    table.add_section()
    then = sum((row.then or Decimal(0) for row in repriced), Decimal(0))
    now = sum((row.now or Decimal(0) for row in repriced), Decimal(0))
    calls = f"{sum(row.calls for row in repriced):,}"
    table.add_row("total", "", "", calls, _usd(then), _usd(now), _usd(now - then))
    console.print(table)
    console.print("  only public prices are those of then; usage, contract_prices and model_aliases are those of now")
    if any(row.is_partial for row in repriced):
        console.print("  * not all of it had a price then; what had none is not in the sum", highlight=False)


def _moment(text: str) -> datetime:
    """The moment that is meant; of a day its end."""
    try:
        return datetime.combine(date.fromisoformat(text), time.max)
    except ValueError:
        try:
            return parse_now(text)
        except ValueError:
            raise MendableError(
                f"--as-known-at is not a time ({text}). Write a day as 2026-10-01 or a time as 2026-10-01T06:00:00Z."
            ) from None


def _month(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(f"{text}-01")
    except ValueError:
        raise MendableError(f"--month is not a month ({text}). Write it as 2026-08.") from None


def _usd(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:,.6f}"
