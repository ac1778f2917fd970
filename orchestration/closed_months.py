"""What may no longer change without a word once a month is closed: rows of config that start inside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from orchestration.errors import MendableError
from orchestration.ledger import config_states
from orchestration.ledger.config_states import Row, substance
from orchestration.ledger.files import LedgerError
from orchestration.ledger.statements import closes
from orchestration.places import Places

STATUSES = "closed_periods"  # says what became of closed months, so its rows start after them


class ClosedMonthError(MendableError):
    """Config that concerns closed months and cannot be used as it is."""


@dataclass(frozen=True)
class Backdated:
    """A row of config that starts inside a closed month and was not there when it was closed."""

    file: str
    number: int
    row: Row
    month: str


def check(places: Places) -> None:
    """Raise ClosedMonthError for rows that start inside a closed month and may not, and for statuses of open months."""
    closed = closes(places)
    found = backdated(places)
    wrong = [
        f"  {late.file}.csv, row {late.number}, column valid_from: "
        f"{late.row['valid_from']} lies in {late.month}, which is closed."
        for late in found
    ]
    if found:
        following = next_month(closed[-1].month)
        wrong.append(
            f"  Let them start on {following}-01 or later; or run once with --as-adjustment, "
            f"and what they change stands as an adjustment on the statement of {following}."
        )
    months = {close.month for close in closed}
    wrong += [
        f"  {STATUSES}.csv, row {number}, column month: "
        f"{row['month'][:7]} is not closed. Close it first, or remove the row."
        for number, row in config_states.governed(places)[STATUSES].items()
        if row["month"][:7] not in months
    ]
    if wrong:
        raise ClosedMonthError(f"The config in {places.config} concerns closed months:\n" + "\n".join(wrong))


def accept(places: Places) -> None:
    """Record in the ledger that the rows that start inside a closed month may."""
    if found := backdated(places):
        config_states.accept(places, [(late.file, late.row) for late in found])


def backdated(places: Places) -> list[Backdated]:
    return list(_backdated(places))


def _backdated(places: Places) -> Iterator[Backdated]:
    closed = {close.month: close for close in closes(places)}
    if not closed:
        return
    known = {state.number: state for state in config_states.states(places)}
    accepted = config_states.accepted(places)
    for file, rows in config_states.governed(places).items():
        for number, row in rows.items():
            month = row.get("valid_from", "")[:7]
            if file == STATUSES or month not in closed or (file, substance(row)) in accepted:
                continue
            number_then = closed[month].config_state
            if number_then not in known:
                raise LedgerError(
                    f"{places.ledger}/config lacks state {number_then}. Put the ledger back from its backup."
                )
            if substance(row) not in map(substance, known[number_then].files.get(file, [])):
                yield Backdated(file, number, row, month)


def next_month(month: str) -> str:
    """2026-12 -> 2027-01."""
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"
