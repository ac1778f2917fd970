"""The words a source module uses to say what it takes in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace

# One record per kind of value: the type it has in raw, and what a reader of a quarantine entry should write instead.
KINDS: dict[str, tuple[str, str]] = {
    "text": ("VARCHAR", "Write text."),
    "tokens": ("BIGINT", "Write a whole number from 0 to 1,000,000,000, without separators."),
    "count": ("BIGINT", "Write a whole number from 0 to 1,000,000,000, without separators."),
    "sum": ("BIGINT", "Write a whole number from 0 to 1,000,000,000,000,000, without separators."),  # of many requests
    "seconds": ("DECIMAL(18,6)", "Write a number that is not negative, with a decimal point."),
    "ratio": ("DECIMAL(19,18)", "Write a share from 0 to 1, with a decimal point."),
    # What is seen is divided by it.
    "rate": ("DECIMAL(19,18)", "Write a share from 0.000001 to 1, with a decimal point."),
    "money": ("DECIMAL(38,18)", "Write a number such as 1234.5, at most 20 digits before and 18 after its point."),
    "float_money": ("DECIMAL(38,18)", "Write a number such as 1234.5, at most 20 digits before its point."),
    "time": ("TIMESTAMP", "Write a time as 2026-08-31T23:59:59Z, or with its offset; without one it is read as UTC."),
    "date": ("DATE", "Write a date as 2026-08-31."),
    "month": ("DATE", "Write a month as 2026-08."),
    "start": ("DATE", "Write a month as 2026-08, or a day as 2026-08-31."),  # the first day of a period
    "currency": ("VARCHAR", "Write a currency by its three letters, such as EUR."),
    "tags": ("MAP(VARCHAR, VARCHAR)", 'Write a JSON object such as {"team": "search"}.'),
    "tag_list": ("MAP(VARCHAR, VARCHAR)", 'Write a JSON array of texts such as ["team:search"].'),
    # The sums of a JSON list of {"type": …, "amount": …}, by type.
    "amounts": (
        "MAP(VARCHAR, DECIMAL(38,18))",
        'Write a JSON array such as [{"type": "PROMOTION", "amount": -1.5}].',
    ),
    "prices": ("MAP(VARCHAR, DECIMAL(38,18))", "Write prices as numbers that are not negative."),
    "carrier": ("VARCHAR[]", "Write a JSON object."),  # the texts at the paths that are read in it; empty: not JSON
}
ABOVE = "../"
KEY = "*"


@dataclass(frozen=True)
class Column:
    """One column of raw.

    `landed` are the names it may have in a file, the first present one with a value wins; any case, blanks around it.
    In a source of nested records, `../a.b` is the path a.b in what holds the record, `../../a` one level further out;
    where the record is an object's value, `*` is its key.
    `inside` = (name of a landed JSON column, paths in it): the value is taken from there, or from there where none of
    the `landed` names has one. The path `list[key=a,b].count` means the sum of the numbers at `count` in those objects
    of the list whose `key` is a or b; `one + other` the sum of two counts, where both are there; `text[path]` what is
    at that path of the JSON that is a text there.
    `meanings`: what a value at the path of the same place in `inside` means: the first one found is the column's value.
    `only_where` = (another landed column of text, value): a text is kept only where that one has this value, in any
    case, and only if it is no JSON; of other records it may be anything.
    `json`: a text inside is kept if it is JSON itself; of others it is left out, since it may hold anything.
    `required`: the column must be there. `not_null`: so must its value. `allowed`: the only values it may have.
    `told`: for a value that is not allowed but often seen, the mend to tell.
    `most`: the largest number it may be, where that is less than what all of its kind may be.
    `secret`: the column holds keys or their ids, so what looks like any key is hashed, not only known shapes.
    `prefixes`: of tags that lie in columns of their own: a name that begins so is a tag, the rest of it its key. They
    count where no landed column of the tags themselves has a value.
    """

    name: str
    kind: str = "text"
    landed: tuple[str, ...] = ()
    inside: tuple[str, tuple[str, ...]] | None = None
    meanings: tuple[str, ...] = ()
    only_where: tuple[str, str] | None = None
    json: bool = False
    required: bool = False
    not_null: bool = False
    allowed: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    most: int | None = None
    secret: bool = False
    prefixes: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        return KINDS[self.kind][0]

    @property
    def mend(self) -> str:
        return KINDS[self.kind][1]

    @property
    def names(self) -> tuple[str, ...]:
        return self.landed or (self.name,)

    @property
    def shown(self) -> str:
        """What a user knows it by."""
        return self.names[0].replace(ABOVE, "")


@dataclass(frozen=True)
class Carrier:
    """A landed JSON column that is only read through `Column.inside`, never kept.

    `attributes`: it is a list of OTLP attributes, [{"key": …, "value": {"stringValue": …}}], and a path is a key. Of
    several `landed` ones all are read, the first with a value wins.
    """

    name: str
    landed: tuple[str, ...] = ()
    attributes: bool = False


@dataclass(frozen=True)
class Edition:
    """Another way in which a source tells the same money: its deliveries replace each other, and never the usual ones.

    A file is of it where one of its paths matches `path` (a pattern, any case), or else where `row` (SQL over the
    columns) is true of a row: one that only this edition has.
    """

    name: str
    path: str
    row: str


@dataclass(frozen=True)
class Source:
    """What one source takes in.

    `event`: the column that says when it happened, never null, from 2015-01-01 to now + `latest_days`.
    `by_day`: raw is partitioned by the event's UTC day.
    `levels`: from the outside in, the keys under which a JSON file's object holds the list of what lies in it; `*`: all
    of its values, where they are objects. An object without the key stands for itself. The innermost is the record, and
    so the row.
    `currency`: the column of what its money is in; `=USD` is the currency itself, where a source has but one.
    `models`: the columns of provider and model; `=openai` is the provider itself, where a source has but one.
    `deliveries`: the columns of account and period of which a newer delivery replaces an older one; `exported`: the
    column that says when a row was exported (else a path may). `by_bucket`: a period lies in one file, so of files that
    came together only one counts, and a period that holds no record is a delivery too. `scope`: the column of what
    within an account is told of: deliveries that have none of it in common are parts. `sellers`: the columns of who
    sells, the first with a value counts: whom two vendors call alike is two accounts. `corrections`: (column, value) of
    the rows that correct what an earlier bill said; a file of such rows alone adds, and replaces nothing.
    `header`: from a column's name in a file the one under which it is looked up.
    """

    name: str
    version: int
    columns: tuple[Column, ...]
    event: str | None = None
    by_day: bool = True
    latest_days: int = 1
    carriers: tuple[Carrier, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()
    currency: str = "=USD"
    models: tuple[str, str] | None = None
    deliveries: tuple[str, str] | None = None
    exported: str | None = None
    by_bucket: bool = False
    scope: str | None = None
    sellers: tuple[str, ...] = ()
    corrections: tuple[str, str] | None = None
    edition: Edition | None = None
    header: Callable[[str], str] = str.strip

    @property
    def landed(self) -> tuple[Column, ...]:
        """The columns that are looked up in a file: all but those only inside a carrier, and the carriers."""
        own = tuple(column for column in self.columns if column.inside is None or column.landed)
        return own + tuple(Column(carrier.name, "carrier", carrier.landed) for carrier in self.carriers)

    @property
    def allow_list(self) -> str:
        """A hash of everything that decides which values of a file are kept."""
        parts = [self.columns, self.carriers]
        told = [[asdict(part) for part in kind] for kind in parts]
        told += [
            self.levels,
            self.event,
            self.latest_days,
            self.deliveries,
            self.scope,
            self.exported,
            self.corrections,
        ]
        told += [asdict(self.edition)] if self.edition else []
        told += [self.sellers] if self.sellers else []
        text = json.dumps(told)
        return hashlib.sha256(text.encode()).hexdigest()

    def inside(self, carrier: str) -> list[Column]:
        return [column for column in self.columns if column.inside is not None and column.inside[0] == carrier]

    def places_inside(self, carrier: str) -> list[str]:
        """What is looked up in the carrier, each place once."""
        paths = (path for column in self.inside(carrier) for path in column.inside[1])
        return list(dict.fromkeys(place for path in paths for place in places(path)))


def places(path: str) -> list[str]:
    """What is looked up for a path of `Column.inside`: of a sum its terms, of a list the list, of a text the text."""
    return [term.partition("[")[0] for term in path.split(" + ")]


def texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def required(column: Column, not_null: bool = False) -> Column:
    return replace(column, required=True, not_null=not_null)
