"""What can be wrong with `allocation_rules.csv` and `allocation_drivers.csv`: found before anything is built."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from itertools import combinations

TARGETS = ("environment", "team", "product", "feature", "workflow", "customer")
DRIVERS = (
    "calls_cost", "calls", "tokens", "kubernetes_cost", "cpu_core_hours", "memory_byte_hours", "gpu_seconds", "seats",
)  # fmt: skip
# A charge has one of each of these; of texts and accounts, and of tags of several keys, one charge may have many.
ONE_OF_A_CHARGE = ("provider", "service", "charge_category")

Row = dict[str, str]
Target = dict[str, str]  # a target's name and its value; "*" where it is named without one


def findings(told: dict[int, Row], named: Callable[[str, str], Collection[str]]) -> Iterator[str]:
    """One text a finding. `told`: rows by number; `named`: the values of a column of another config file."""
    drivers, teams = named("allocation_drivers", "driver"), named("org_hierarchy", "team")
    listed = {}
    for number, row in told.items():
        try:
            listed[number] = _check(number, row, drivers, teams)
        except _Wrong as wrong:
            yield f", row {number} ({row['rule_id']}), {wrong}"
    if len(listed) == len(told):
        yield from _overlaps(told)
        yield from _cycles(told, listed)


def driver_findings(told: dict[int, Row], _named: Callable[[str, str], Collection[str]]) -> Iterator[str]:
    """The same of the company's own drivers."""
    for number, row in told.items():
        if row["driver"] in DRIVERS:
            yield f", row {number} ({row['driver']}), column driver: is costgrain's own. Give it another name."
        if row["value"] and Decimal(row["value"]) < 0:
            said = f"{row['value']!r} is negative. Write how much was used."
            yield f", row {number} ({row['driver']}), column value: {said}"


class _Wrong(Exception):
    """A rule that cannot be read; the text is the finding."""


def _check(number: int, row: Row, drivers: Collection[str], teams: Collection[str]) -> list[Target]:
    """The targets that the rule lists; raises _Wrong."""
    method, driver, named = row["method"], row["driver"], row["targets"]
    follows = not _is_listed(row)
    if row["takes"] and row["takes"] != "nobody":
        _read("takes", row["takes"])
    if method == "none":
        if named:
            raise _Wrong("column targets: the method none gives nothing to anybody. Leave it blank.")
        return []
    if driver and not follows:
        raise _Wrong(f"column driver: the method {method} follows none. Leave it blank.")
    if driver and driver not in DRIVERS and driver not in drivers:
        known = (*DRIVERS, *sorted(drivers))
        raise _Wrong(
            f"column driver: {driver!r} is not known. {_nearest(driver, known)}Write one of {', '.join(known)}."
        )
    tuples = [part for part in named.split(";") if part.strip()]
    if follows and len(tuples) > 1:
        raise _Wrong("column targets: what follows a driver names targets once. Remove the semicolon.")
    if not follows and not tuples:
        raise _Wrong(f"column targets: is empty, but {method} gives to those that it lists. Write team=search.")
    if method == "direct" and len(tuples) > 1:
        raise _Wrong("column targets: direct gives all to one. Use fixed_split or even for several.")
    read = [_weighed(text, method) for text in tuples]
    if not follows and any("*" in target.values() for target, _ in read):
        raise _Wrong(f"column targets: {method} lists targets with their values, such as team=search.")
    if method == "fixed_split" and sum(weight for _, weight in read) != 1:
        total = sum(weight for _, weight in read)
        raise _Wrong(f"column targets: the parts add up to {total}, not to 1. Mend them.")
    for target, _ in read:
        team = target.get("team", "*")
        if teams and team not in ("*", "(unallocated)") and team not in teams:
            raise _Wrong(f"column targets: org_hierarchy has no team {team!r}. {_nearest(team, teams)}".rstrip())
    return [target for target, _ in read]


def _is_listed(row: Row) -> bool:
    """The rule lists who gets it; else a driver names them."""
    return row["method"] in ("direct", "fixed_split", "none") or (row["method"] == "even" and "=" in row["targets"])


def _weighed(text: str, method: str) -> tuple[Target, Decimal]:
    text = text.strip()
    target, part = _with_part(text)
    if method != "fixed_split":
        if part:
            raise _Wrong(f"column targets: {method} has no parts of its own. Remove {part!r} or use fixed_split.")
        return _read("targets", target), Decimal(1)
    if not part:
        _, colon, last = (word.strip() for word in text.rpartition(":"))
        if not colon or "=" in last:
            raise _Wrong(f"column targets: {text!r} has no part. Write it behind a colon: {text}: 0.5")
        raise _Wrong(f"column targets: the part {last!r} is no plain number. Write 0.5 for a half.")
    share = Decimal(part)
    if share <= 0:
        raise _Wrong(f"column targets: the part {part!r} is not above 0. Leave the target out, or mend it.")
    return _read("targets", target), share


def _with_part(text: str) -> tuple[str, str]:
    """`team=search: 0.5` as (team=search, 0.5); without a number behind it, a colon stands within a name."""
    target, _, part = (word.strip() for word in text.rpartition(":"))
    return (target, part) if target and re.fullmatch(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)", part) else (text, "")


def words(column: str, text: str) -> Iterator[str]:
    """Each name and value in a cell of `tag`, `takes` or `targets`, by itself."""
    for target in [_with_part(part)[0] for part in text.split(";")] if column == "targets" else [text]:
        for item in [target] if column == "tag" else target.split("&"):
            yield from _named(item)


def _named(item: str) -> tuple[str, str]:
    name, _, value = (word.strip() for word in item.partition("="))
    return name, value


def _read(column: str, text: str) -> Target:
    """`team=search & workflow` as {team: search, workflow: *}."""
    target: Target = {}
    for item in text.split("&"):
        name, value = _named(item)
        name = "customer" if name == "customer_id" else name
        if name not in TARGETS:
            raise _Wrong(
                f"column {column}: {name!r} is no target. {_nearest(name, TARGETS)}Write one of {', '.join(TARGETS)}."
            )
        if name in target:
            raise _Wrong(f"column {column}: names {name} twice.")
        if "=" in item and not value:
            raise _Wrong(f"column {column}: {name}= has no value. Write {name}=…, or {name} alone.")
        target[name] = value or "*"
    return target


def _overlaps(told: dict[int, Row]) -> Iterator[str]:
    """Two rules of one priority that may be about the same charge on the same day: neither goes first."""
    for (first, one), (second, other) in combinations(told.items(), 2):
        alike = (
            one["priority"] == other["priority"]
            and bool(one["takes"]) == bool(other["takes"])
            and _may_share_a_charge(one, other)
            and _may_meet(one["takes"], other["takes"])
        )
        if alike and _hold_together(one, other):
            yield (
                f", rows {first} and {second}: {one['rule_id']} and {other['rule_id']} have the priority "
                f"{one['priority']} and may be about the same charge on the same day. "
                "Give one another priority, or end one before the other."
            )


def _may_share_a_charge(one: Row, other: Row) -> bool:
    """Some charge may be what both are about."""
    (key, value), (other_key, other_value) = (_named(row["tag"]) for row in (one, other))
    return (
        one["part"] == other["part"]
        and all("" in (one[name], other[name]) or _same(name, one, other) for name in ONE_OF_A_CHARGE)
        and (key != other_key or not value or not other_value or value == other_value)
    )


def _same(name: str, one: Row, other: Row) -> bool:
    return one[name].lower() == other[name].lower() if name == "provider" else one[name] == other[name]


def _may_meet(one: str, other: str) -> bool:
    """Something may stand on what both take."""
    if not one or "nobody" in (one, other):
        return one == other
    first, second = _read("takes", one), _read("takes", other)
    return not any("*" not in (value, second.get(name, "*")) and second[name] != value for name, value in first.items())


def _hold_together(one: Row, other: Row) -> bool:
    return (not one["valid_to"] or not other["valid_from"] or other["valid_from"] < one["valid_to"]) and (
        not other["valid_to"] or not one["valid_from"] or one["valid_from"] < other["valid_to"]
    )


def _cycles(told: dict[int, Row], listed: dict[int, list[Target]]) -> Iterator[str]:
    """Rules that hand a cost on in a circle, and those that would get it after their turn."""
    chained = {number: row for number, row in told.items() if row["takes"] and row["takes"] != "nobody"}
    feeds: dict[int, list[int]] = {number: [] for number in chained}
    takes = {number: _read("takes", row["takes"]) for number, row in chained.items()}
    for giver, given in chained.items():
        for taker, row in chained.items():
            fixed = {(name, value) for name, value in takes[taker].items() if value != "*"}
            gives = any(
                # With what it does not name of a part, a part keeps what it stood on. What a driver shares among
                # those on whom it stands already goes nowhere else.
                fixed <= {**takes[giver], **target}.items()
                and fixed & (target.items() if _is_listed(given) else target.items() - takes[giver].items())
                for target in listed[giver]
            )
            if gives and _may_share_a_charge(given, row) and _hold_together(given, row):
                feeds[giver].append(taker)
    in_circle: set[int] = set()
    for start in chained:
        path = _way_back(start, feeds)
        if path and start not in in_circle:
            in_circle.update(path)
            names = " > ".join(told[number]["rule_id"] for number in (*path, start))
            rows = " and ".join(map(str, sorted(path)))
            many = "s" if len(path) > 1 else ""
            yield f", row{many} {rows}: the rules go in a circle, {names}. Change what one takes or gives."
    for giver, takers in feeds.items():
        for taker in takers:
            late = int(told[taker]["priority"]) <= int(told[giver]["priority"])
            if late and not {giver, taker} <= in_circle:
                yield (
                    f", rows {giver} and {taker}: {told[taker]['rule_id']} takes what {told[giver]['rule_id']} gives, "
                    f"but comes before it. Give it a priority above {told[giver]['priority']}."
                )


def _way_back(start: int, feeds: dict[int, list[int]]) -> list[int]:
    """The rules on a way from `start` back to it, itself first; empty if there is none."""
    ways = [[start]]
    while ways:
        way = ways.pop()
        for following in feeds[way[-1]]:
            if following == start:
                return way
            if following not in way:
                ways.append([*way, following])
    return []


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"Did you mean {near[0]}? " if near else ""
