"""What the demo company has set up."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from orchestration.demo.company import (
    API_KEYS,
    FX_RATES,
    GATEWAY,
    HOSTED_CLUSTER,
    HOSTED_NAMESPACE,
    HOSTED_SINCE,
    HOSTED_WEIGHTS,
    IDLE_TEAM,
    INTERNAL,
    LABOUR_RATES,
    MODELS,
    PLATFORM_TEAMS,
    RECORDS_TEAM,
    REFERENCE_CUSTOMER,
    TEAM_MOVED_ON,
    TEAM_PRODUCT,
    TEAMS,
    UNPRICED_MODEL,
    WORKFLOWS,
)
from orchestration.demo.files.aws_bill import EC2, OPENSEARCH, S3, SUPPORT
from orchestration.demo.files.cost_and_usage import ACCOUNT, OWNER
from orchestration.demo.files.gateway_log import CUSTOMER_IN_METADATA
from orchestration.demo.ledger import Balance, Capacity
from orchestration.demo.scope import OWN
from orchestration.places import ROOT

# What one success saves, and who answers for that; of the first two the outcomes state the value themselves.
VALUE_BASELINES = (
    ("translation", "", "", "head of localisation"),
    ("classification", "", "", "head of support"),
    ("code_review", "12", "75", "head of engineering"),
    ("rag_assistant", "", "", ""),
)
_GOVERNED = ("2026-01-01", "", "finops@tallowmere.example", "cfo@tallowmere.example")


def _write_csv(path: Path, header: str, rows: Iterable[Iterable[object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


def write_config(config: Path, balances: Iterable[Balance], capacities: Iterable[Capacity]) -> list[Path]:
    """Write what the demo company has set up and paid ahead; files of the same name in `config` are replaced."""
    governed = "valid_from,valid_to,owner,approved_by,reason"
    keys = (
        *(
            (GATEWAY, key.hash, key.alias, key.team, key.product, key.environment, *_GOVERNED, "key register")
            for key in API_KEYS
            if key.is_owned
        ),
        ("aws_cur", ACCOUNT, "research", OWNER, TEAM_PRODUCT[OWNER], "development", *_GOVERNED, "its own AWS account"),
    )
    rules = (
        ("vector_store_by_use", 10, "AWS", OPENSEARCH, "", "usage", "calls_cost", "everyone's retrieval runs on it"),
        ("support_by_use", 20, "AWS", SUPPORT, "", "usage", "calls_cost", "support follows what is used"),
        ("credits_by_use", 30, "AWS", "", "Credit", "usage", "calls_cost", "credits lower everyone's cost alike"),
        ("tax_by_use", 40, "AWS", "", "Tax", "usage", "calls_cost", "irrecoverable; follows what is used"),
        ("storage_is_not_ai", 50, "AWS", S3, "", "none", "", "backups of the web shop"),
        ("records_keep_oracle", 60, "Oracle", "", "", "direct", "", "its databases hold the company's records"),
        ("gpu_nodes", 64, "AWS", EC2, "", "usage", "kubernetes_cost", "to whom the pods served"),
        ("idle_gpus", 66, "AWS", EC2, "", "direct", "", "it sizes the cluster"),
        ("observability", 70, "Lumenlog", "", "Usage", "usage", "calls", "it watches every call alike"),
        ("observability_of_workflows", 80, "Lumenlog", "", "Usage", "usage", "calls", "with the workflow to its users"),
        ("observability_of_our_own", 90, "Lumenlog", "", "Usage", "even", "", "our own use is the platform's"),
    )
    parts = {"idle_gpus": "idle"}
    takes = {
        "idle_gpus": "nobody",
        "observability_of_workflows": "workflow",
        "observability_of_our_own": f"customer={INTERNAL}",
    }
    targets = {
        "records_keep_oracle": f"team={RECORDS_TEAM}",
        "idle_gpus": f"team={IDLE_TEAM}",
        "observability": "workflow",
        "observability_of_workflows": "customer",
        "observability_of_our_own": "; ".join(f"team={team}" for team in PLATFORM_TEAMS),
    }
    entities = {"ml_platform": "Tallowmere Labs"}
    prepaid = (
        (b.id, "prepaid", b.vendor, "", "", b.amount, "USD", b.first_day, "", b.expires, "", "paid by card")
        for b in balances
    )
    rent = "provisioned_throughput"
    rented = (
        (c.id, rent, c.vendor, "", c.model, c.amount, "USD", c.first_day, c.end, "", c.tokens_a_minute, "low latency")
        for c in capacities
    )
    return [
        _write_attribution_keys(config),
        _write_ai_scope(config),
        _write_csv(
            config / "labour_rates.csv",
            f"role,usd_per_hour,{governed}",
            ((role, rate, *_GOVERNED, "pay and overheads") for role, rate in LABOUR_RATES.items()),
        ),
        _write_csv(
            config / "value_baselines.csv",
            f"workflow,minutes_saved,usd_per_hour,signed_off_by,{governed}",
            ((*row, *_GOVERNED, "survey of those who use it") for row in VALUE_BASELINES),
        ),
        _write_csv(
            config / "commitments.csv",
            "commitment_id,kind,vendor,account,models,amount,currency,valid_from,valid_to,expires,capacity,"
            "owner,approved_by,reason",
            ((*row, *_GOVERNED[2:], reason) for *row, reason in (*prepaid, *rented)),
        ),
        _write_csv(
            config / "intended_losses.csv",
            f"customer_id,segment,plan,feature,{governed}",
            [(REFERENCE_CUSTOMER, "", "", "", *_GOVERNED[:1], "2027-01-01", *_GOVERNED[2:], "our reference")],
        ),
        _write_csv(config / "api_keys.csv", f"source,api_key,key_alias,team,product,environment,{governed}", keys),
        _write_csv(config / "customer_aliases.csv", f"source,source_customer_id,customer_id,{governed}", ()),
        _write_csv(
            config / "workflows.csv",
            "workflow,owner,product,feature,expected_loops,task_tier,is_internal",
            (
                (w.name, w.team, w.product, w.feature, w.expected_loops, w.task_tier, str(w.is_internal).lower())
                for w in WORKFLOWS
                if w.log
            ),
        ),
        _write_csv(
            config / "org_hierarchy.csv",
            f"team,cost_centre,legal_entity,gl_account,statement_kind,{governed}",
            (
                *(
                    (
                        team,
                        f"CC-{410 + 10 * number}",
                        entities.get(team, "Tallowmere Software"),
                        "6420",
                        "",
                        *_GOVERNED,
                        "",
                    )
                    for number, team in enumerate(TEAMS)
                ),
                (
                    RECORDS_TEAM,
                    "CC-900",
                    "Tallowmere Software",
                    "6420",
                    "chargeback",
                    "2026-01-01",
                    TEAM_MOVED_ON,
                    *_GOVERNED[2:],
                    "",
                ),
                (
                    RECORDS_TEAM,
                    "CC-910",
                    "Tallowmere Software",
                    "6420",
                    "chargeback",
                    TEAM_MOVED_ON,
                    "",
                    *_GOVERNED[2:],
                    "moved",
                ),
            ),
        ),
        _write_csv(
            config / "allocation_rules.csv",
            f"rule_id,priority,provider,service,charge_category,part,takes,method,driver,targets,{governed}",
            (
                (
                    *rule[:5],
                    parts.get(rule[0], ""),
                    takes.get(rule[0], ""),
                    *rule[5:7],
                    targets.get(rule[0], ""),
                    *_GOVERNED,
                    rule[-1],
                )
                for rule in rules
            ),
        ),
        _write_csv(
            config / "self_hosted_models.csv",
            "provider,model,cluster,namespace,reference_provider,reference_model,input_weight,output_weight,"
            + governed,
            [
                (
                    MODELS[UNPRICED_MODEL].provider,
                    "inhouse-ranker*",
                    HOSTED_CLUSTER,
                    HOSTED_NAMESPACE,
                    "openai",
                    "gpt-4.1-nano",
                    *HOSTED_WEIGHTS,
                    HOSTED_SINCE,
                    *_GOVERNED[1:],
                    "our own ranking model",
                )
            ],
        ),
        _write_csv(
            config / "fx_rates.csv",
            f"currency,usd_per_unit,{governed}",
            ((currency, rate, day, *_GOVERNED[1:], "central bank") for currency, rate, day in FX_RATES),
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
        (GATEWAY, "metadata", key, "customer", 25, *_GOVERNED, f"{workflow} logs the customer there")
        for workflow, key in CUSTOMER_IN_METADATA.items()
        if (GATEWAY, "metadata", key, "customer") not in known
    ]
    return _write_csv(config / "attribution_keys.csv", header, [*rows[1:], *added])


def _write_ai_scope(config: Path) -> Path:
    """What this company says of its own vendors, before the neutral defaults."""
    with (ROOT / "seeds/company/ai_scope.csv").open(encoding="utf-8", newline="") as file:
        header, *defaults = csv.reader(file)
    own = [
        {
            "priority": number,
            "vendor": scope.vendor,
            "service": scope.service,
            "tag": f"workflow={scope.workflow}" if scope.workflow else "",
            "category": scope.category,
            "purpose": scope.purpose,
            "ai_share": scope.share,
            "owner": _GOVERNED[2],
            "approved_by": _GOVERNED[3],
            "reason": scope.why,
        }
        for number, scope in enumerate(OWN, start=1)
    ]
    rows = [[row.get(column, "") for column in header] for row in own]
    return _write_csv(config / "ai_scope.csv", ",".join(header), [*rows, *defaults])
