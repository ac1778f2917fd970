"""The business side (customers and revenue) and what the company has set up (its config)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from orchestration.demo.bill import OPENSEARCH, S3, SUPPORT
from orchestration.demo.company import API_KEYS, CUSTOMERS, TEAMS, WORKFLOWS
from orchestration.demo.gateway_log import CUSTOMER_IN_METADATA
from orchestration.places import ROOT

_GOVERNED = ("2026-01-01", "", "finops@tallowmere.example", "cfo@tallowmere.example")
# Monthly list prices by plan and product, in cents, at about 2,000 calls a day.
_PLAN_CENTS = {
    "starter": {"assist": 900, "discover": 400},
    "growth": {"assist": 2900, "compose": 2400, "discover": 1200},
    "enterprise": {"assist": 9900, "compose": 8900, "discover": 4900},
}
_FEATURE = {"assist": "helpdesk", "compose": "drafting", "discover": "knowledge"}


def _write_csv(path: Path, header: str, rows: Iterable[Iterable[object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


def month_starts(days: list[date]) -> list[date]:
    """First days of the months that `days` touch."""
    return sorted({day.replace(day=1) for day in days})


def write_customers(landing: Path, days: list[date]) -> Path:
    """Write who the customers are; all of them were customers before the first day."""
    since = [days[0] - timedelta(days=30 + 7 * number) for number in range(len(CUSTOMERS))]
    rows = ((c.id, c.name, c.segment, c.plan, day) for c, day in zip(CUSTOMERS, since, strict=True))
    return _write_csv(landing / "customers/customers.csv", "customer_id,customer_name,segment,plan,valid_from", rows)


def write_revenue(landing: Path, days: list[date], calls_per_day: int) -> dict:
    """Write the recognised revenue of the months that `days` touch; returns its rows and sums by month and customer."""
    rows, sums = [], {}
    for month in month_starts(days):
        of_month: dict[str, Decimal] = {}
        for customer in CUSTOMERS:
            for product, cents in _PLAN_CENTS[customer.plan].items():
                amount = Decimal(cents * calls_per_day // 2000) / 100
                what = (customer.id, product, _FEATURE[product], f"{month:%Y-%m}")
                rows.append((*what, f"{amount:.2f}", "USD", "recognised"))
                of_month[customer.id] = of_month.get(customer.id, Decimal(0)) + amount
        sums[f"{month:%Y-%m}"] = {name: f"{amount:.2f}" for name, amount in of_month.items()}
    header = "customer_id,product,feature,month,amount,currency,revenue_kind"
    _write_csv(landing / "revenue/revenue.csv", header, rows)
    return {"rows": len(rows), "by_month": sums}


def write_config(config: Path) -> list[Path]:
    """Write what the demo company has set up; files of the same name in `config` are replaced."""
    governed = "valid_from,valid_to,owner,approved_by,reason"
    keys = (
        ("litellm", key.hash, key.alias, key.team, key.product, key.environment, *_GOVERNED, "key register")
        for key in API_KEYS
        if key.is_owned
    )
    rules = (
        ("vector_store_by_use", 10, "AWS", OPENSEARCH, "", "usage", "calls_cost", "everyone's retrieval runs on it"),
        ("support_by_use", 20, "AWS", SUPPORT, "", "usage", "calls_cost", "support follows what is used"),
        ("credits_by_use", 30, "AWS", "", "Credit", "usage", "calls_cost", "credits lower everyone's cost alike"),
        ("tax_by_use", 40, "AWS", "", "Tax", "usage", "calls_cost", "irrecoverable; follows what is used"),
        ("storage_is_not_ai", 50, "AWS", S3, "", "none", "", "backups of the web shop"),
    )
    entities = {"ml_platform": "Tallowmere Labs"}
    return [
        _write_attribution_keys(config),
        _write_csv(config / "api_keys.csv", f"source,api_key,key_alias,team,product,environment,{governed}", keys),
        _write_csv(config / "customer_aliases.csv", f"source,source_customer_id,customer_id,{governed}", ()),
        _write_csv(
            config / "workflows.csv",
            "workflow,owner,product,feature,expected_loops,task_tier,is_internal",
            (
                (w.name, w.team, w.product, w.feature, w.expected_loops, w.task_tier, str(w.is_internal).lower())
                for w in WORKFLOWS
            ),
        ),
        _write_csv(
            config / "org_hierarchy.csv",
            f"team,cost_centre,legal_entity,gl_account,{governed}",
            (
                (team, f"CC-{410 + 10 * number}", entities.get(team, "Tallowmere Software"), "6420", *_GOVERNED, "")
                for number, team in enumerate(TEAMS)
            ),
        ),
        _write_csv(
            config / "allocation_rules.csv",
            f"rule_id,priority,provider,service,charge_category,method,driver,{governed}",
            ((*rule[:-1], *_GOVERNED, rule[-1]) for rule in rules),
        ),
        _write_csv(
            config / "billing_sources.csv",
            f"vendor,source,bill_provider,bill_service,{governed}",
            [("bedrock", "focus", "AWS", "Amazon Bedrock", *_GOVERNED, "Bedrock is paid through the AWS bill")],
        ),
    ]


def _write_attribution_keys(config: Path) -> Path:
    """The neutral defaults and what this company adds: where its developers put the customer."""
    header = "source,origin,key,target,priority,valid_from,valid_to,owner,approved_by,reason"
    defaults = ROOT / "seeds/company/attribution_keys.csv"
    with defaults.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    if rows[0] != header.split(","):
        raise ValueError(f"{defaults} has another header than {header}")
    known = {tuple(row[:4]) for row in rows[1:]}
    added = [
        ("litellm", "metadata", key, "customer", 25, *_GOVERNED, f"{workflow} logs the customer there")
        for workflow, key in CUSTOMER_IN_METADATA.items()
        if ("litellm", "metadata", key, "customer") not in known
    ]
    return _write_csv(config / "attribution_keys.csv", header, [*rows[1:], *added])
