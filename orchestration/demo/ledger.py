"""Whose money is in the ledger: of the books that show a vendor's month one counts, and what none shows is accrued.

And why bills show another amount than the logs do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from orchestration.demo.company import usd_per_unit
from orchestration.demo.prices import PICO, plain

# The kinds of book, the one that counts first.
BOOKS = ("cloud_bill", "native_bill", "invoice", "cost_report", "seats", "platform")
EXPECTED = ("seats", "platform")  # their charges are to be billed yet
CLOUD_BOOKS = {"cloud_bill", "native_bill"}
# What a charge is that no call explains, by its category.
CAUSES = {"Tax": "tax", "Credit": "promotional_credit", "Purchase": "non_token_meter"}
COSTS = ("list_cost", "contracted_cost", "billed_cost", "effective_cost")


@dataclass(frozen=True)
class Charge:
    """One charge as its newest delivery has it; a cost that its book does not tell is None."""

    source: str
    book: str
    vendor: str
    category: str  # Usage, Purchase, Tax, Credit …
    first_day: date
    last_day: date
    list_cost: Decimal | None = None
    contracted_cost: Decimal | None = None
    billed_cost: Decimal | None = None
    effective_cost: Decimal | None = None
    currency: str = "USD"
    cause: str | None = None  # what it is that no call explains, where neither its category nor its vendor tells
    is_ahead: bool = False  # a balance is bought with it, so it shows no usage
    idle_of: str | None = None  # the team whose seats nobody uses
    is_unused: bool = False  # a share of a commitment that no usage took
    account: str = ""  # of a cloud's bill
    service: str = ""
    workflow: str = ""  # as a tag names it
    written: date | None = None  # when the invoice was; its rate is that of this day

    @property
    def month(self) -> date:
        return self.first_day.replace(day=1)


@dataclass(frozen=True)
class Balance:
    """Money paid ahead: reported usage draws on it from `first_day` on, until it `expires`."""

    id: str
    vendor: str
    amount: Decimal
    first_day: date
    expires: date


@dataclass(frozen=True)
class Capacity:
    """Throughput that is paid by the hour for a term; by day, what its calls bear of it and what they would have cost.

    No bill shows it yet, nor anything else of its vendor in these days.
    """

    id: str
    vendor: str
    model: str
    tokens_a_minute: int
    amount: Decimal
    first_day: date
    end: date  # the first day that is no longer of its term
    used: Mapping[date, Decimal]
    list_cost: Mapping[date, Decimal]

    def charges(self) -> Iterator[Charge]:
        """What calls bear of each day, and what none does."""
        days = [self.first_day + timedelta(days=number) for number in range((self.end - self.first_day).days)]
        for day in days:
            at = ("commitments", "", self.vendor, "Usage", day, day)
            used, cost = self.used.get(day, Decimal(0)), self.list_cost.get(day)
            if used:
                yield Charge(*at, list_cost=cost, contracted_cost=cost, effective_cost=used)
            if unused := self.amount / len(days) - used:
                yield Charge(*at, effective_cost=unused, is_unused=True)


class Ledger:
    """All charges that landed, and which of them count."""

    def __init__(self) -> None:
        self._charges: list[Charge] = []
        self.balances: list[Balance] = []
        self.capacities: list[Capacity] = []
        self._differences: list[tuple[str, date, str, Decimal, str | None]] = []

    def differ(self, vendor: str, day: date, cause: str, amount: Decimal, source: str | None = None) -> None:
        """Bills show `amount` USD more of a day than logs tell; `source`: only where this source's book counts."""
        self._differences.append((vendor, day, cause, amount, source))

    def add(self, charges: Iterable[Charge]) -> None:
        self._charges += charges

    def _records(self) -> dict[tuple[str, date, str], str]:
        """For each vendor, month and source of charges, the source whose book counts."""
        books = {(c.vendor, c.month, c.source): (c.book, c.account) for c in self._charges}
        told = {
            (c.vendor, c.month, c.source)
            for c in self._charges
            if c.category in ("Usage", "Purchase") and not c.is_ahead
        }
        found = {}
        for (vendor, month, source), (book, account) in books.items():
            # What runs on a platform is billed as a cloud's machines. Bills of two accounts are different money.
            rivals = [
                (BOOKS.index(theirs), other)
                for (whose, when, other), (theirs, their_account) in books.items()
                if when == month
                and (whose, when, other) in told
                and BOOKS.index(theirs) < BOOKS.index(book)
                and (whose == vendor or (book == "platform" and theirs in CLOUD_BOOKS))
                and (account == their_account or not {book, theirs} <= CLOUD_BOOKS)
            ]
            found[vendor, month, source] = min(rivals)[1] if rivals else source
        return found

    def accrued(self, costs: Mapping[tuple[date, str], int]) -> dict[tuple[str, str], int]:
        """Picodollars by vendor and month of what no book shows; `costs`: the same by day and provider."""
        billed = {vendor: self.billed_days(vendor) for vendor in {provider for _, provider in costs}}
        found: defaultdict[tuple[str, str], int] = defaultdict(int)
        for (day, provider), cost in costs.items():
            if cost and day not in billed[provider]:
                found[provider, f"{day:%Y-%m}"] += cost
        for capacity in self.capacities:
            for day, cost in capacity.list_cost.items():
                found[capacity.vendor, f"{day:%Y-%m}"] -= int(cost / PICO)
        return found

    def billed_days(self, vendor: str) -> set[date]:
        """The days whose usage the vendor's counting book shows."""
        records = self._records()
        return {
            charge.first_day + timedelta(days=number)
            for charge in self._charges
            if charge.vendor == vendor and charge.category == "Usage" and charge.book not in EXPECTED
            if records[vendor, charge.month, charge.source] == charge.source
            for number in range((charge.last_day - charge.first_day).days + 1)
        }

    def counted(self) -> list[Charge]:
        """The charges whose book counts."""
        records = self._records()
        return [
            charge for charge in self._charges if records[charge.vendor, charge.month, charge.source] == charge.source
        ]

    def spent(self, vendor: str) -> dict[tuple[str, date], Decimal]:
        """What counting reports of costs show of usage, by source and day."""
        records = self._records()
        found: defaultdict[tuple[str, date], Decimal] = defaultdict(Decimal)
        for charge in self._charges:
            is_usage = (charge.vendor, charge.book, charge.category) == (vendor, "cost_report", "Usage")
            if is_usage and charge.billed_cost > 0 and records[vendor, charge.month, charge.source] == charge.source:
                found[charge.source, charge.first_day] += charge.effective_cost
        return dict(sorted(found.items(), key=lambda item: item[0][1]))

    def draws(self) -> dict[tuple[Balance, str, date], Decimal]:
        """What each balance pays of a source's day: what expires first is drawn first."""
        found: dict[tuple[Balance, str, date], Decimal] = {}
        left = {balance: balance.amount for balance in self.balances}
        in_turn = sorted(self.balances, key=lambda balance: balance.expires)
        for vendor in sorted({balance.vendor for balance in self.balances}):
            for (source, day), cost in self.spent(vendor).items():
                for balance in in_turn:
                    if balance.vendor == vendor and balance.first_day <= day < balance.expires:
                        found[balance, source, day] = min(cost, left[balance])
                        left[balance] -= found[balance, source, day]
                        cost -= found[balance, source, day]
        return found

    def lost(self) -> dict[Balance, Decimal]:
        """What was left of each balance when it expired."""
        left = {balance: balance.amount for balance in self.balances}
        for (balance, _, _), cost in self.draws().items():
            left[balance] -= cost
        return left

    def losses(self) -> list[Charge]:
        """The same as charges, which no book shows."""
        return [
            Charge(
                "commitments",
                "",
                balance.vendor,
                "Usage",
                balance.expires,
                balance.expires,
                billed_cost=Decimal(0),
                effective_cost=cost,
                is_unused=True,
            )
            for balance, cost in self.lost().items()
            if cost
        ]

    def unshown(self) -> list[Charge]:
        """The charges of what was paid ahead that no book shows."""
        return [*self.losses(), *(charge for capacity in self.capacities for charge in capacity.charges())]

    def answer(self, known_costs: Mapping[tuple[date, str], int], owed_costs: Mapping[tuple[date, str], int]) -> dict:
        """The ledger's lines summed, and what explains them.

        In picodollars by day and provider: `known_costs` by the logs, `owed_costs` with what reports have beside.
        """
        records = self._records()
        counted: defaultdict[tuple, list[Charge]] = defaultdict(list)
        explaining: defaultdict[tuple, list[Charge]] = defaultdict(list)
        for charge in self._charges:
            at = (charge.source, charge.vendor, f"{charge.month:%Y-%m}", charge.currency)
            record = records[charge.vendor, charge.month, charge.source]
            if record == charge.source:
                counted[*at, "accrued" if charge.book in EXPECTED else "invoiced"].append(charge)
            else:
                explaining[*at, record].append(charge)
        for loss in self.losses():
            counted[loss.source, loss.vendor, f"{loss.month:%Y-%m}", loss.currency, "invoiced"].append(loss)
        for capacity in self.capacities:
            for charge in capacity.charges():
                at = ("commitments", charge.vendor, f"{charge.month:%Y-%m}", "USD", "accrued")
                counted[at].append(charge)
        drawn: defaultdict[tuple, Decimal] = defaultdict(Decimal)
        for (balance, source, day), cost in self.draws().items():
            drawn[source, balance.vendor, f"{day:%Y-%m}", "USD", "invoiced"] += cost
        billed = {vendor: self.billed_days(vendor) for vendor in {provider for _, provider in known_costs}}
        names = ("source", "vendor", "month", "currency", "cost_status")
        lines = [
            dict(zip(names, at, strict=True)) | _sums(charges, drawn[at]) for at, charges in sorted(counted.items())
        ]
        for (vendor, month), cost in sorted(self.accrued(owed_costs).items()):
            amount = plain(cost * PICO)
            costs = dict.fromkeys(COSTS, amount) | {"billed_cost": None}
            lines.append(dict(zip(names, ("metered", vendor, month, "USD", "accrued"), strict=True)) | costs)
        return {
            "lines": lines,
            "explained": [
                dict(zip((*names[:4], "counted_source"), at, strict=True)) | _sums(charges)
                for at, charges in sorted(explaining.items())
            ],
            "causes": [
                dict(zip(("vendor", "month", "cause"), at, strict=True)) | {"amount_usd": plain(amount)}
                for at, amount in sorted(self._causes(records, billed, self.accrued(known_costs)).items())
                if amount
            ],
        }

    def _causes(
        self, records: Mapping[tuple, str], billed: Mapping[str, set[date]], accrued: Mapping[tuple[str, str], int]
    ) -> dict[tuple[str, str, str], Decimal]:
        """What lies between bills and logs where it is known in USD, by vendor, month and cause."""
        found: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for charge in self._charges:
            by_vendor = None if charge.vendor in billed else "non_token_meter"
            cause = charge.cause or CAUSES.get(charge.category, by_vendor)
            is_counted = records[charge.vendor, charge.month, charge.source] == charge.source
            rate = usd_per_unit(charge.currency, charge.written or charge.first_day)
            if is_counted and cause and rate and charge.book not in EXPECTED:
                found[charge.vendor, f"{charge.month:%Y-%m}", cause] += charge.billed_cost * rate
        for vendor, day, cause, amount, source in self._differences:
            is_counted = records.get((vendor, day.replace(day=1), source)) == source
            if is_counted if source else day in billed[vendor]:
                found[vendor, f"{day:%Y-%m}", cause] += amount
        for (balance, _, day), cost in self.draws().items():
            found[balance.vendor, f"{day:%Y-%m}", "prepaid_or_commitment"] -= cost
        for capacity in self.capacities:
            for day, cost in capacity.list_cost.items():
                found[capacity.vendor, f"{day:%Y-%m}", "prepaid_or_commitment"] -= cost
        for (vendor, month), cost in accrued.items():
            found[vendor, month, "not_in_invoice_yet"] -= cost * PICO
        return found


def _sums(charges: list[Charge], drawn: Decimal = Decimal(0)) -> dict:
    """Sums of `charges`, of which balances paid what was `drawn`."""
    result: dict[str, object] = {"lines": len(charges)}
    for cost in COSTS:
        known = [amount for charge in charges if (amount := getattr(charge, cost)) is not None]
        paid = drawn if cost == "billed_cost" else 0
        result[cost] = plain(sum(known, Decimal(0)) - paid) if known else None
    return result
