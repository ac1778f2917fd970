"""What a company set up, checked before dbt reads it: each CSV in the config folder against the seed of its name."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from itertools import combinations
from pathlib import Path

import yaml

from orchestration import allocation_rules, ledger
from orchestration.errors import MendableError
from orchestration.ingest import privacy
from orchestration.places import ROOT, Places

SEEDS = ROOT / "seeds" / "company"


# Of rows that are equal in these columns, at most one may hold on a day: equal in any case of letters, or as written.
HOLDS_ALONE = {
    "contract_prices": ("provider", "model", "meter", "commitment_tier"),
    "allocation_drivers": ("driver", "environment", "team", "product", "feature", "workflow", "customer_id"),
    "allocation_rules": ("rule_id",),
    "fx_rates": ("currency",),
    "intended_losses": ("customer_id", "segment", "plan", "feature"),
    "labour_rates": ("role",),
    "model_aliases": ("provider", "name"),
    "recoverable_taxes": ("vendor", "account"),
    "self_hosted_models": ("provider", "model"),
    "closed_periods": ("month", "cost_centre"),
    "value_baselines": ("workflow",),
}
HOLDS_ALONE_AS_WRITTEN = {
    "api_keys": ("source", "api_key"),
    "customer_aliases": ("source", "source_customer_id"),
    "org_hierarchy": ("team",),
}
SIGNATURE = ("owner", "approved_by", "signed_off_by", "reason", "note")  # who answers for a row, and why: joins nothing
KEYS = ("api_key",)
NAMING = ("tag", "takes", "targets")  # cells with names and values in them
MOST_USD_PER_UNIT = 10  # of any currency: a rate above it is one of units per USD


class ConfigError(MendableError):
    """Files of the config folder cannot be used; one line a finding: file, row, column, and the mend."""


@dataclass(frozen=True)
class Column:
    """A column of a config file, as its seed declares it."""

    name: str
    type: str
    accepted: tuple[str, ...]  # empty: any value
    is_required: bool


@cache
def contracts(seeds: Path = SEEDS) -> dict[str, list[Column]]:
    """The columns of every file a company may set up, by the file's name without its ending, in the seed's order."""
    declared = {}
    for described in sorted(seeds.glob("*.yml")):
        for seed in (yaml.safe_load(described.read_text(encoding="utf-8")) or {}).get("seeds", []):
            tests = {column["name"]: column.get("data_tests", []) for column in seed.get("columns", [])}
            declared[seed["name"]] = [
                Column(name, str(kind).lower(), _accepted(tests.get(name, [])), "not_null" in tests.get(name, []))
                for name, kind in seed["config"]["column_types"].items()
            ]
    return declared


def check(places: Places, seeds: Path = SEEDS) -> None:
    """Raise ConfigError, naming everything that is wrong in the config folder; a missing folder is in order."""
    if not places.config.is_dir():
        return
    known = contracts(seeds)
    findings: list[str] = []
    for path in sorted(places.config.rglob("*.csv")):
        name = path.relative_to(places.config)
        if path.parent != places.config:
            findings.append(f"{name}: lies in a subfolder, where it is not read. Move it up into {places.config}.")
        elif path.stem not in known:
            hint = _nearest(path.stem, known, f"The known files are {', '.join(sorted(known))}, each ending in .csv.")
            findings.append(f"{name}: no such config file. {hint}".rstrip())
        else:
            findings += [f"{name}{finding}" for finding in _findings(path, known[path.stem], places)]
    if findings:
        raise ConfigError(f"The config in {places.config} cannot be used:\n" + "\n".join(f"  {f}" for f in findings))


def rows(places: Places, name: str, seeds: Path = SEEDS) -> list[dict[str, str]]:
    """The rows of a config file as texts without blanks around them; where there is no such file, of its seed."""
    return list(numbered_rows(places, name, seeds).values())


def numbered_rows(places: Places, name: str, seeds: Path = SEEDS) -> dict[int, dict[str, str]]:
    """The same by the number of the row, the header being the first."""
    own = places.config / f"{name}.csv"
    with (own if own.is_file() else seeds / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        names = [column.name for column in contracts(seeds)[name]]
        header, *told = ([cell.strip() for cell in row] for row in csv.reader(file))
    return {
        number: dict.fromkeys(names, "") | dict(zip(header, row, strict=False))
        for number, row in enumerate(told, start=2)
        if any(row)
    }


def _findings(path: Path, columns: list[Column], places: Places) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except UnicodeDecodeError as error:
        return [f": is not UTF-8 (byte {error.start}). Save it as UTF-8."]
    except csv.Error as error:
        return [f": is not a CSV ({error}). Look for a quote that is not closed."]
    header = [name.strip() for name in rows[0]] if rows else []
    if len(header) == 1 and ";" in header[0]:
        return [", row 1: the columns are separated by semicolons. Save it with commas. Within a cell they stay."]
    names = [column.name for column in columns]
    all_names = f"The columns are {', '.join(names)}."
    wrong = [
        f", row 1, column {name or '(no name)'}: unknown column. {_nearest(name, names, all_names)}".rstrip()
        for name in header
        if name not in names
    ]
    missing = [column.name for column in columns if column.is_required and column.name not in header]
    wrong += [f", row 1: column {name} is missing. The header is {','.join(names)}" for name in missing]
    wrong += [
        f", row 1, column {name}: stands there twice." for name in sorted({n for n in header if header.count(n) > 1})
    ]
    if wrong:
        return wrong
    by_name = {column.name: column for column in columns}
    told: dict[int, dict[str, str]] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            wrong.append(f", row {number}: has {len(row)} values for {len(header)} columns. Quote values with commas.")
            continue
        for name, cell in zip(header, row, strict=True):
            mend = _mend(by_name[name], cell.strip()) or _privacy_mend(name, cell.strip(), places)
            wrong += [f", row {number}, column {name}: {mend}"] if mend else []
        told[number] = dict.fromkeys(names, "") | {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    if not wrong and path.stem == "fx_rates":
        wrong += _rate_findings(told)
        told = until_the_next(told)
    if not wrong and path.stem in HOLDS_ALONE:
        wrong += _overlaps(told, HOLDS_ALONE[path.stem])
    if not wrong and path.stem in HOLDS_ALONE_AS_WRITTEN:
        named = _by_hash_or_alias(told) if path.stem == "api_keys" else told
        wrong += _overlaps(named, HOLDS_ALONE_AS_WRITTEN[path.stem], str)
    if not wrong:
        wrong += _term_findings(told)
    if not wrong and path.stem in OWN_FINDINGS:
        wrong += OWN_FINDINGS[path.stem](told, partial(_named, path.parent))
    return wrong


def _overlaps(told: dict[int, dict[str, str]], key: tuple[str, ...], read: Callable = str.lower) -> Iterator[str]:
    """Both rows of each two that say something of the same thing on the same day."""
    for (first, one), (second, other) in combinations(told.items(), 2):
        is_same = all(read(one[column]) == read(other[column]) for column in key)
        start, end = max(one["valid_from"], other["valid_from"]), min(_end(one), _end(other))
        if is_same and start < end:
            what = ", ".join(one[column] or f"every {column}" for column in key)
            earlier = first if one["valid_from"] <= other["valid_from"] else second
            yield (
                f", rows {first} and {second}: both hold for {what}{f' from {start} on' if start else ''}. "
                f"End row {earlier} with a valid_to, or remove one."
            )


def _by_hash_or_alias(told: dict[int, dict[str, str]]) -> dict[int, dict[str, str]]:
    """The rows of api_keys, each with the one name by which calls find it."""
    named = {number: row | {"api_key": row["api_key"] or row["key_alias"]} for number, row in told.items()}
    return {number: row for number, row in named.items() if row["api_key"]}


def _end(row: dict[str, str]) -> str:
    return row["valid_to"] or "9999-12-31"


def until_the_next(told: dict[int, dict[str, str]]) -> dict[int, dict[str, str]]:
    """The rates with an end: where a row gives none, the first day of the currency's next rate."""
    ended = {}
    for number, row in told.items():
        later = [
            other["valid_from"]
            for other in told.values()
            if other["currency"].lower() == row["currency"].lower() and other["valid_from"] > row["valid_from"]
        ]
        ended[number] = row | {"valid_to": row["valid_to"] or min(later, default="")}
    return ended


def _rate_findings(told: dict[int, dict[str, str]]) -> Iterator[str]:
    for number, row in told.items():
        currency, rate = row["currency"].upper(), row["usd_per_unit"]
        if not re.fullmatch("[A-Z]{3}", currency):
            yield f", row {number}, column currency: {row['currency']!r} is none. Write its three letters, such as EUR."
        elif currency == "USD":
            yield f", row {number}, column currency: USD is what the rates convert to. Remove the row."
        elif Decimal(rate) <= 0:
            yield f", row {number}, column usd_per_unit: {rate!r} is not above 0. Write USD for 1 {currency}."
        elif Decimal(rate) > MOST_USD_PER_UNIT:
            yield (
                f", row {number}, column usd_per_unit: no {currency} is worth {rate} USD. "
                f"Write USD for 1 {currency}, not {currency} for 1 USD."
            )
        elif Decimal(rate) != round(Decimal(rate), 12):
            yield f", row {number}, column usd_per_unit: {rate!r} has more than 12 decimals. Round it."


def _contract_findings(told: dict[int, dict[str, str]], _: Callable) -> Iterator[str]:
    for number, row in told.items():
        discount, price = row["discount_ratio"], row["price_usd"]
        if bool(discount) == bool(price):
            said = "both discount_ratio and" if price else "neither discount_ratio nor"
            yield f", row {number}: says {said} price_usd. Give one of them."
        elif discount and not 0 <= Decimal(discount) <= 1:
            yield f", row {number}, column discount_ratio: {discount!r} is no share. Write 0.1 for a tenth off."
        elif price and Decimal(price) < 0:
            yield f", row {number}, column price_usd: {price!r} is negative. Write what one pays."
        elif price and not row["meter"]:
            yield f", row {number}, column meter: is empty, but a fixed price is one of a meter. Name it."


def _term_findings(told: dict[int, dict[str, str]]) -> Iterator[str]:
    for number, row in told.items():
        for column in ("valid_to", "expires"):
            start, end = row.get("valid_from", ""), row.get(column, "")
            if start and end and end <= start:
                yield f", row {number}, column {column}: {end} is not after valid_from, {start}. Write a later day."


def _scope_findings(told: dict[int, dict[str, str]], _named: Callable) -> Iterator[str]:
    yield from _share_findings(told, "ai_share")


def _tax_findings(told: dict[int, dict[str, str]], _named: Callable) -> Iterator[str]:
    yield from _share_findings(told, "recoverable_share")


def _share_findings(told: dict[int, dict[str, str]], column: str) -> Iterator[str]:
    for number, row in told.items():
        share = row[column]
        if share and not 0 <= Decimal(share) <= 1:
            yield f", row {number}, column {column}: {share!r} is no share. Write 0.3 for three tenths."
        elif share and Decimal(share) != round(Decimal(share), 6):
            yield f", row {number}, column {column}: {share!r} has more than 6 decimals. Round it."


def _labour_findings(told: dict[int, dict[str, str]], _named: Callable) -> Iterator[str]:
    for number, row in told.items():
        if Decimal(row["usd_per_hour"]) < 0:
            value = row["usd_per_hour"]
            yield f", row {number}, column usd_per_hour: {value!r} is negative. Write what an hour is worth."


def _baseline_findings(told: dict[int, dict[str, str]], _named: Callable) -> Iterator[str]:
    for number, row in told.items():
        for column in ("minutes_saved", "usd_per_hour"):
            if row[column] and Decimal(row[column]) < 0:
                yield f", row {number}, column {column}: {row[column]!r} is negative. Leave it blank if unknown."
        if bool(row["minutes_saved"]) != bool(row["usd_per_hour"]):
            yield f", row {number}: minutes_saved and usd_per_hour go together. Write both, or neither."


def _threshold_findings(told: dict[int, dict[str, str]], _named: Callable) -> Iterator[str]:
    lines: dict[str, int] = {}
    for number, row in told.items():
        if first := lines.get(row["threshold"]):
            yield f", rows {first} and {number}: both are {row['threshold']}. Keep one."
        lines.setdefault(row["threshold"], number)
    for column in contracts()["verdict_thresholds"]:
        for name in (column.accepted or ()) if column.name == "threshold" else ():
            if name not in lines:
                yield f": no row for {name}. Copy it from seeds/company/verdict_thresholds.csv."


def _maturity_findings(told: dict[int, dict[str, str]], _named: Callable) -> Iterator[str]:
    types: dict[str, int] = {}
    for number, row in told.items():
        if first := types.get(row["outcome_type"]):
            yield f", rows {first} and {number}: both are of {row['outcome_type']}. Keep one."
        types.setdefault(row["outcome_type"], number)
        if int(row["days"]) < 0:
            yield f", row {number}, column days: {row['days']!r} is negative. Write how many days outcomes may take."


def _intended_findings(told: dict[int, dict[str, str]], _named: Callable) -> Iterator[str]:
    for number, row in told.items():
        customers = [column for column in ("customer_id", "segment", "plan") if row[column]]
        if row["feature"] and customers:
            yield (
                f", row {number}, column {customers[0]}: a loss is of a feature or of customers, and this row says "
                "both. Write a row for each."
            )
        elif row["customer_id"] and len(customers) > 1:
            yield f", row {number}, column {customers[1]}: is of no use beside customer_id. Leave it blank."
        elif not row["feature"] and not customers:
            yield f", row {number}: says not whose loss is meant. Name a customer, segment, plan or feature."


FOR_A_TERM = ("spend_minimum", "reservation", "provisioned_throughput")
# Of these, two that hold at once could not be told apart.
ONE_AT_A_TIME = {
    "spend_minimum": ("vendor", "account", "currency"),
    "provisioned_throughput": ("vendor", "account", "models"),
}


def _commitment_findings(told: dict[int, dict[str, str]], _: Callable) -> Iterator[str]:
    seen: dict[str, int] = {}
    for number, row in told.items():
        name = row["commitment_id"]
        if name.lower() in seen:
            yield (
                f", rows {seen[name.lower()]} and {number}: both are {name}. "
                "Give each a commitment_id of its own: a second top-up is a second commitment."
            )
        seen.setdefault(name.lower(), number)
        if Decimal(row["amount"]) <= 0:
            yield f", row {number}, column amount: {row['amount']!r} is not positive. Write what was paid or promised."
        what = row["kind"].replace("_", " ")
        if row["capacity"] and row["kind"] != "provisioned_throughput":
            yield f", row {number}, column capacity: a {what} has none. Leave it blank."
        elif row["capacity"] and Decimal(row["capacity"]) <= 0:
            yield (
                f", row {number}, column capacity: {row['capacity']!r} is not positive. "
                "Write how many input tokens a minute it takes, or leave it blank."
            )
        if row["kind"] in FOR_A_TERM:
            if not row["valid_to"]:
                yield f", row {number}, column valid_to: is empty, but a {what} has an end. Write one."
            if row["expires"] or (row["models"] and row["kind"] != "provisioned_throughput"):
                column = "expires" if row["expires"] else "models"
                yield f", row {number}, column {column}: a {what} has none. Leave it blank."
    for kind, key in ONE_AT_A_TIME.items():
        yield from _overlaps({n: row for n, row in told.items() if row["kind"] == kind}, key)


def _closed_period_findings(told: dict[int, dict[str, str]], _: Callable) -> Iterator[str]:
    for number, row in told.items():
        if not row["month"].endswith("-01"):
            first = f"{row['month'][:7]}-01"
            yield f", row {number}, column month: {row['month']} is not the first day of a month. Write {first}."


def _self_hosted_findings(told: dict[int, dict[str, str]], _: Callable) -> Iterator[str]:
    for number, row in told.items():
        weights = [column for column in ("input_weight", "output_weight") if row[column]]
        if "*" in row["model"][:-1]:
            yield f", row {number}, column model: {row['model']!r} has a * before its end. Write one only there."
        if len(weights) == 1:
            other = {"input_weight": "output_weight", "output_weight": "input_weight"}[weights[0]]
            yield f", row {number}, column {other}: is empty, but {weights[0]} is not. Give both, or none."
        elif not weights and not row["reference_model"]:
            yield (
                f", row {number}, column reference_model: is empty, and so are the weights. Name the nearest model "
                "of an API, or say in input_weight and output_weight what tokens weigh."
            )
        for column in weights:
            if Decimal(row[column]) < 0:
                yield f", row {number}, column {column}: {row[column]!r} is negative. Write 0 or more."
        if len(weights) == 2 and not any(Decimal(row[column]) for column in weights):
            yield f", row {number}: both weights are 0, so that no call would bear anything. Raise one."
    for (first, one), (second, other) in combinations(told.items(), 2):
        is_same = all(one[column] == other[column] for column in ("cluster", "namespace"))
        shares_pods = is_same and (
            one["controller"] == other["controller"] or "" in (one["controller"], other["controller"])
        )
        is_at_once = max(one["valid_from"], other["valid_from"]) < min(_end(one), _end(other))
        if shares_pods and is_at_once and bool(one["output_weight"]) != bool(other["output_weight"]):
            weighted = first if one["output_weight"] else second
            yield (
                f", rows {first} and {second}: {one['model']} and {other['model']} run in the same pods of "
                f"{one['cluster']}/{one['namespace']}, but only row {weighted} says what tokens weigh. "
                "Give both models weights, or none."
            )


def _named(folder: Path, file: str, column: str) -> set[str]:
    """The values of a column of another file in the folder; none where it cannot be read: a finding of its own."""
    try:
        with (folder / f"{file}.csv").open(encoding="utf-8-sig", newline="") as rows:
            return {(row.get(column) or "").strip() for row in csv.DictReader(rows)} - {""}
    except (OSError, UnicodeDecodeError, csv.Error):
        return set()


OWN_FINDINGS = {
    "ai_scope": _scope_findings,
    "allocation_drivers": allocation_rules.driver_findings,
    "allocation_rules": allocation_rules.findings,
    "closed_periods": _closed_period_findings,
    "commitments": _commitment_findings,
    "contract_prices": _contract_findings,
    "intended_losses": _intended_findings,
    "recoverable_taxes": _tax_findings,
    "self_hosted_models": _self_hosted_findings,
    "labour_rates": _labour_findings,
    "maturity_windows": _maturity_findings,
    "value_baselines": _baseline_findings,
    "verdict_thresholds": _threshold_findings,
}


def _mend(column: Column, value: str) -> str | None:
    """What is wrong with `value`, and what to write instead; None if nothing is."""
    if value == "":
        return "is empty, and must not be." if column.is_required else None
    if column.accepted and value not in column.accepted:
        return f"{value!r} is not known. {_nearest(value, column.accepted)}Write one of {', '.join(column.accepted)}."
    base = column.type.split("(")[0].strip()
    parse, example = PARSERS.get(base, (None, ""))
    if parse is None:
        return None
    try:
        parse(value)
    except (ValueError, InvalidOperation):
        return f"{value!r} is not {example}."
    return None


def _privacy_mend(name: str, value: str, places: Places) -> str | None:
    """What to write instead of a value of which raw has the hash alone. The value itself is not repeated in logs."""
    if name in SIGNATURE or _masked(name, value, "") == value:
        return None
    return (
        "is an e-mail address, an IP address or a key, which is kept nowhere. "
        f"Write {_masked(name, value, ledger.salt(places))}, by which logs and bills have it."
    )


def _masked(name: str, value: str, salt: str) -> str:
    if name in NAMING:
        for word in sorted(allocation_rules.words(name, value), key=len, reverse=True):
            value = value.replace(word, privacy.mask(word, salt)) if word else value
        return value
    return privacy.mask_key(value, salt) if name in KEYS else privacy.mask(value, salt)


def _boolean(value: str) -> bool:
    return {"true": True, "false": False}[value.lower()] if value.lower() in ("true", "false") else _refuse()


def _number(value: str) -> Decimal:
    number = Decimal(value)
    return number if number.is_finite() else _refuse()


def _refuse():
    raise ValueError


PARSERS: dict[str, tuple[Callable[[str], object], str]] = {
    "date": (date.fromisoformat, "a date such as 2026-10-01"),
    "integer": (int, "a whole number"),
    "bigint": (int, "a whole number"),
    "boolean": (_boolean, "true or false"),
    "decimal": (_number, "a number such as 12.50"),
    "numeric": (_number, "a number such as 12.50"),
}


def _accepted(tests: list) -> tuple[str, ...]:
    for test in tests:
        if isinstance(test, dict) and "accepted_values" in test:
            found = test["accepted_values"]
            return tuple(str(value) for value in found.get("arguments", found)["values"])
    return ()


def _nearest(name: str, known, otherwise: str = "") -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"Did you mean {near[0]}? " if near else otherwise
