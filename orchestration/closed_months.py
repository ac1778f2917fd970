"""What may no longer change without a word once a month is closed: what config says of its days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from orchestration import config
from orchestration.errors import MendableError
from orchestration.ledger import config_states
from orchestration.ledger.config_states import KEYS, Row, substance
from orchestration.ledger.files import LedgerError
from orchestration.ledger.statements import closes
from orchestration.places import Places

STATUSES = "closed_periods"  # says what became of closed months, so its rows come after them
# What no statement is made of: of these only a row that is new and starts inside a closed month is looked at.
NOT_ON_STATEMENTS = set(
    "ai_scope cost_classes intended_losses labour_rates maturity_windows price_confirmations value_baselines"
    " verdict_thresholds".split()
)


class ClosedMonthError(MendableError):
    """Config that concerns closed months and cannot be used as it is."""


@dataclass(frozen=True)
class Backdated:
    """A row of config that says of a closed month what was not said when it was closed; or no longer says what was.

    `number`: of the row in the file; None where it is gone.
    """

    file: str
    number: int | None
    row: Row
    month: str

    def __str__(self) -> str:
        if self.number is None:
            about = ", ".join(self.row[column] for column in KEYS.get(self.file, ()) if column in self.row)
            return f"{self.file}.csv: the row of {about} held in {self.month}, which is closed, and is gone."
        start = self.row.get("valid_from", "")
        if start[:7] == self.month:
            return (
                f"{self.file}.csv, row {self.number}, column valid_from: {start} lies in {self.month}, which is closed."
            )
        return (
            f"{self.file}.csv, row {self.number}: says of {self.month}, which is closed, what was not said when it was."
        )


def check(places: Places) -> None:
    """Raise ClosedMonthError for config that says something else of closed months and may not, and for statuses of
    what was not issued.
    """
    if wrong := findings(places):
        raise ClosedMonthError(f"The config in {places.config} concerns closed months:\n" + "\n".join(wrong))


def findings(places: Places) -> list[str]:
    """What `check` refuses, a line each."""
    return [*_backdated_findings(places), *_status_findings(places)]


def _backdated_findings(places: Places) -> list[str]:
    late = backdated(places)
    followed = {(row.file, _about(row.file, row.row)) for row in late if row.number is not None}
    # Of a row that was changed its new form is named, not that the old one is gone.
    found = [
        f"  {row}" for row in late if row.number is not None or (row.file, _about(row.file, row.row)) not in followed
    ]
    if found:
        following = next_month(closes(places)[-1].month)
        found.append(
            f"  Let rows start on {following}-01 or later, and end old ones there with a valid_to; or run once with "
            f"--as-adjustment, and what they change stands as an adjustment on the statement of {following}."
        )
    return found


def _status_findings(places: Places) -> Iterator[str]:
    issued = {close.month: {line["cost_centre"] for line in close.lines} for close in closes(places)}
    for number, row in config_states.governed(places)[STATUSES].items():
        month, cost_centre = row["month"][:7], row.get("cost_centre")
        if month not in issued:
            said, mend = f"column month: {month} is not closed.", "Close it first, or remove the row."
        elif cost_centre and cost_centre not in issued[month]:
            known = ", ".join(sorted(filter(None, issued[month])))
            said = f"column cost_centre: the statement of {month} has no {cost_centre!r}."
            mend = f"Write one of {known}, or leave it blank for all."
        else:
            continue
        yield f"  {STATUSES}.csv, row {number}, {said} {mend}"


def accept(places: Places) -> None:
    """Record in the ledger that config may say of closed months what it now says."""
    if found := backdated(places):
        # What is gone first: a new form of the same row may say the same of an earlier month.
        found.sort(key=lambda late: late.number is not None)
        config_states.accept(places, [(late.file, late.row, late.number is None) for late in found])


def backdated(places: Places) -> list[Backdated]:
    """What is said now of closed months and was not when they were closed, the first month of each row."""
    found: dict[tuple[str, str], Backdated] = {}
    known = {state.number: state for state in config_states.states(places)}
    now = config_states.governed(places)
    for close in closes(places):
        if close.config_state not in known:
            raise LedgerError(
                f"{places.ledger}/config lacks state {close.config_state}. Put the ledger back from its backup."
            )
        then = known[close.config_state].files
        for file, rows in now.items():
            # A file that was not known then is one of a newer costgrain: its defaults are nobody's change.
            if file != STATUSES and file in then:
                accepted = config_states.accepted(places, file, close.closed_at)
                before = _with_ends(file, dict(enumerate(then[file]))).values()
                for late in _changed(file, close.month, before, _with_ends(file, rows), accepted):
                    found.setdefault((file, substance(late.row)), late)
    return list(found.values())


def _changed(
    file: str, month: str, then: Iterable[Row], now: dict[int, Row], accepted: Iterable[tuple[Row, bool | None]]
) -> Iterator[Backdated]:
    """The rows that are new to the month, and those that are gone from it."""
    said = {key: row for row in then if (key := _said_of(month, row))}
    for row, is_gone in accepted:
        if key := _said_of(month, row):
            if is_gone is None:
                said = {at: other for at, other in said.items() if _about(file, other) != _about(file, row)}
            if is_gone:
                said.pop(key, None)
            else:
                said[key] = row
    says = {key: (number, row) for number, row in now.items() if (key := _said_of(month, row))}
    is_stated = file not in NOT_ON_STATEMENTS
    for key, (number, row) in says.items():
        if key not in said and (is_stated or row.get("valid_from", "")[:7] == month):
            yield Backdated(file, number, row, month)
    for key, row in said.items():
        if is_stated and key not in says:
            yield Backdated(file, None, row, month)


def _with_ends(file: str, rows: dict[int, Row]) -> dict[int, Row]:
    """The rows as they hold: a rate without an end holds until the currency's next."""
    if file != "fx_rates":
        return rows
    told = {number: {"currency": "", "valid_from": "", "valid_to": "", **row} for number, row in rows.items()}
    return {
        number: {column: value for column, value in row.items() if value}
        for number, row in config.until_the_next(told).items()
    }


def _said_of(month: str, row: Row) -> str | None:
    """What a row says of a month, without who says it and when it holds in others; None if it does not hold in it."""
    start = max(row.get("valid_from", ""), f"{month}-01")
    end = min(row.get("valid_to") or "9999-12-31", f"{next_month(month)}-01")
    return substance(row | {"valid_from": start, "valid_to": end}) if start < end else None


def _about(file: str, row: Row) -> tuple[str, ...]:
    return tuple(row.get(column, "") for column in KEYS.get(file, sorted(row)))


def next_month(month: str) -> str:
    """2026-12 -> 2027-01."""
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"
