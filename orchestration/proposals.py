"""What the landed calls and bills suggest for a company's config: who a tag, a key or a customer id may belong to."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb

from orchestration import config
from orchestration.places import Places

TOP = 50  # rows proposed per file: what ranks below explains next to nothing
DOMINANT = Decimal("0.8")  # a key belongs to the team that this much of its tagged spend names

NOT_MEANT = {"user_agent"}  # the program that called, which a gateway notes down by itself
# Words that name a target, as the last or only word of a tag's name.
WORDS = {
    "team": {"team", "squad", "department", "dept", "cost_center", "cost_centre", "costcenter", "business_unit"},
    "product": {"product", "app", "application", "service", "project"},
    "feature": {"feature", "component", "capability"},
    "workflow": {"workflow", "agent", "pipeline", "job", "use_case", "usecase", "chain", "flow"},
    "customer": {"customer", "tenant", "client", "account", "organization", "organisation", "end_user"},
    "environment": {"environment", "env", "stage", "deployment"},
}
ENVIRONMENTS = {
    "prod": "production", "production": "production", "prd": "production", "live": "production",
    "staging": "staging", "stage": "staging", "dev": "development", "development": "development",
    "test": "test", "testing": "test",
}  # fmt: skip

# What each source says of a call or charge: key, alias, tags, metadata, its own columns by name, spend and tokens.
READ = {
    "litellm": """
        select 'litellm' as source, api_key, user_api_key_alias as key_alias, request_tags as tags,
            spend_logs_metadata as metadata,
            map(['team_id', 'user_api_key_team_alias', 'end_user'],
                [team_id, user_api_key_team_alias, end_user]) as columns,
            spend, total_tokens as tokens""",
    "llm_calls": """
        select 'llm_calls' as source, api_key, null::varchar as key_alias, tags,
            null::map(varchar, varchar) as metadata,
            map(['team', 'product', 'feature', 'workflow', 'environment', 'customer_id'],
                [team, product, feature, workflow, environment, customer_id]) as columns,
            null::decimal(38, 18) as spend,
            coalesce(input_uncached_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
            + coalesce(cache_write_1h_tokens, 0) + coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0)
            as tokens""",
    "focus": """
        select 'focus' as source, null::varchar as api_key, null::varchar as key_alias, "Tags" as tags,
            null::map(varchar, varchar) as metadata, null::map(varchar, varchar) as columns,
            greatest("BilledCost", 0) as spend, null::bigint as tokens""",
}
COLUMN_TARGETS = {
    "team_id": "team", "user_api_key_team_alias": "team", "end_user": "customer", "customer_id": "customer",
    "team": "team", "product": "product", "feature": "feature", "workflow": "workflow", "environment": "environment",
}  # fmt: skip


@dataclass(frozen=True)
class Proposal:
    """A row for a config file (by column), the share of its source's weight it would explain, and a word on it."""

    row: dict[str, str]
    share: Decimal
    unit: str  # spend or tokens
    note: str = ""


def load(con: duckdb.DuckDBPyConnection, places: Places, sources: list[str]) -> dict[str, str]:
    """Table `usage`, weighed by spend where its source knows spend, else by tokens. Returns which, by source."""
    selects = [f"{READ[source]} from {_parquet(places, source)}" for source in sources]
    con.execute(f"create table said as {' union all '.join(selects)}")
    con.execute(
        "create table usage as select *, coalesce(case when sum(spend) over (partition by source) > 0 then spend "
        "else tokens end, 0)::decimal(38, 6) as weight from said"
    )
    rows = con.execute("select source, sum(spend) > 0 from usage group by all").fetchall()
    return {source: "spend" if has_spend else "tokens" for source, has_spend in rows}


def guess(key: str) -> str | None:
    """The allocation target that a tag's name means; None if it does not say."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower()
    words = re.sub(r"[^a-z0-9]+", "_", re.sub(r"^(user|aws|k8s|label)[:/]", "", words)).strip("_")
    words = re.sub(r"_(id|name|slug|key)$", "", words)
    if words in NOT_MEANT:
        return None
    for target, names in WORDS.items():
        if any(words == name or words.endswith(f"_{name}") for name in names):
            return target
    return None


def attribution_keys(con: duckdb.DuckDBPyConnection, places: Places, units: dict[str, str]) -> list[Proposal]:
    known = {(row["source"], row["origin"], row["key"]) for row in _rows(places, "attribution_keys")}
    found = con.execute("""
        with named as (
            select source, 'tag' as origin, unnest(map_entries(tags)) as entry, weight from usage
            union all select source, 'metadata', unnest(map_entries(metadata)), weight from usage
            union all select source, 'column', unnest(map_entries(columns)), weight from usage
        ), totals as (select source, sum(weight) as total from usage group by all)
        select source, origin, entry.key, sum(weight) / nullif(any_value(total), 0)
        from named join totals using (source) where entry.value is not null
        group by all order by 4 desc nulls last, source, origin, entry.key
    """).fetchall()
    proposals = []
    for source, origin, key, share in found:
        target = COLUMN_TARGETS.get(key) if origin == "column" else guess(key)
        if target and (source, origin, key) not in known:
            row = {"source": source, "origin": origin, "key": key, "target": target, "priority": "50"}
            proposals.append(_proposal(row, share, units[source], "carries it"))
    return proposals[:TOP]


def api_keys(con: duckdb.DuckDBPyConnection, places: Places, units: dict[str, str]) -> list[Proposal]:
    known = {(row["source"], name) for row in _rows(places, "api_keys") for name in (row["api_key"], row["key_alias"])}
    _name_targets(con, places)
    teams = [team for (team,) in con.execute("select distinct team from named where team is not null").fetchall()]
    found = con.execute("""
        with totals as (select source, sum(weight) as total from usage group by all)
        select source, api_key, any_value(key_alias), sum(weight) / nullif(any_value(total), 0)
        from named join totals using (source) where api_key is not null
        group by source, api_key order by 4 desc nulls last, source, api_key
    """).fetchall()
    proposals = []
    for source, key, alias, share in found:
        if (source, key) in known or (alias and (source, alias) in known):
            continue
        row = {"source": source, "api_key": key, "key_alias": alias or ""}
        row |= {target: _dominant(con, source, key, target) for target in ("team", "product", "environment")}
        row["team"] = row["team"] or _mentioned(alias, {team.lower(): team for team in teams})
        row["environment"] = row["environment"] or _mentioned(alias, ENVIRONMENTS)
        proposals.append(
            _proposal(row, share, units[source], "runs on it", "" if row["team"] else "whose? fill in team")
        )
    return proposals[:TOP]


def customer_aliases(con: duckdb.DuckDBPyConnection, places: Places, units: dict[str, str]) -> list[Proposal]:
    known = {(row["source"], row["source_customer_id"]) for row in _rows(places, "customer_aliases")}
    customers = []
    if list((places.raw / "customers").rglob("*.parquet")):
        query = f"select distinct customer_id, customer_name from {_parquet(places, 'customers')} order by all"
        customers = con.execute(query).fetchall()
    ids = {customer for customer, _ in customers}
    by_name = {_plain(name): customer for customer, name in customers if name}
    by_name |= {_plain(customer): customer for customer, _ in customers}
    found = con.execute("""
        with totals as (select source, sum(weight) as total from usage group by all)
        select source, customer, sum(weight) / nullif(any_value(total), 0)
        from named join totals using (source) where customer is not null
        group by source, customer order by 3 desc nulls last, source, customer
    """).fetchall()
    proposals = []
    for source, customer, share in found:
        meant = by_name.get(_plain(customer))
        # Whom no row names is himself: a row that says so would keep a later list of customers from naming another.
        if meant and customer not in ids and (source, customer) not in known:
            row = {"source": source, "source_customer_id": customer, "customer_id": meant}
            proposals.append(_proposal(row, share, units[source], "names it"))
    return proposals[:TOP]


def _name_targets(con: duckdb.DuckDBPyConnection, places: Places) -> None:
    """Table `named`: usage with team, product, environment and customer by the rules set up, proposals included."""
    rules = [row for row in _rows(places, "attribution_keys") if row["origin"] in ("tag", "metadata", "column")]
    found = con.execute("""
        select distinct source, origin, key from (
            select source, 'tag' as origin, unnest(map_keys(tags)) as key from usage
            union select source, 'metadata', unnest(map_keys(metadata)) from usage
            union select source, 'column', unnest(map_keys(columns)) from usage)
        order by all""").fetchall()
    for source, origin, key in found:
        target = COLUMN_TARGETS.get(key) if origin == "column" else guess(key)
        if target:
            rules.append({"source": source, "origin": origin, "key": key, "target": target, "priority": "50"})
    rules.sort(key=lambda rule: int(rule["priority"] or 99))
    origins = {"tag": "tags", "metadata": "metadata", "column": "columns"}
    picks = []
    for target in ("team", "product", "environment", "customer"):
        values = [
            f"case when source = {_text(rule['source'])} then {origins[rule['origin']]}[{_text(rule['key'])}] end"
            for rule in rules
            if rule["target"] == target
        ]
        picks.append(f"nullif(trim(coalesce({', '.join([*values, 'null::varchar'])})), '') as {target}")
    con.execute(f"create table named as select source, api_key, key_alias, weight, {', '.join(picks)} from usage")


def _dominant(con: duckdb.DuckDBPyConnection, source: str, key: str, target: str) -> str:
    """The value of `target` that most of the key's usage names; '' if none does."""
    found = con.execute(
        f"select {target}, sum(weight) / nullif(sum(sum(weight)) over (), 0) from named "
        f"where source = ? and api_key = ? and {target} is not null group by 1 order by 2 desc nulls last, 1 limit 1",
        [source, key],
    ).fetchone()
    return found[0] if found and found[1] is not None and Decimal(str(found[1])) >= DOMINANT else ""


def _mentioned(alias: str | None, names: dict[str, str]) -> str:
    """The one of `names` (by lower-case word) that a key's alias such as `search-prod` mentions; '' if none."""
    text = f"-{re.sub(r'[^a-z0-9]+', '-', (alias or '').lower())}-"
    return next((value for name, value in names.items() if f"-{re.sub(r'[^a-z0-9]+', '-', name)}-" in text), "")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _proposal(row: dict[str, str], share: object, unit: str, verb: str, note: str = "") -> Proposal:
    ratio = Decimal(str(share or 0))
    reason = f"proposed by costgrain init: {percent(ratio)} of the {unit} {verb}"
    return Proposal({**row, "reason": reason}, ratio, unit, note)


def percent(ratio: Decimal) -> str:
    return f"{ratio * 100:.0f} %" if ratio >= Decimal("0.01") else "< 1 %"


def _parquet(places: Places, source: str) -> str:
    return f"read_parquet({_text(str(places.raw / source / '**' / '*.parquet'))}, hive_partitioning = false)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def read_file(places: Places, name: str) -> Path:
    """The file that dbt reads: the company's, else the default."""
    own = places.config / f"{name}.csv"
    return own if own.exists() else config.SEEDS / f"{name}.csv"


def _rows(places: Places, name: str) -> Iterator[dict[str, str]]:
    with read_file(places, name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
