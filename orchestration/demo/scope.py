"""What of the demo company's charges is AI: its rows of `ai_scope` beyond the defaults, and what AI truly costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from orchestration.demo.company import usd_per_unit
from orchestration.demo.files.aws_bill import EC2, OPENSEARCH, S3
from orchestration.demo.files.cost_and_usage import SAGEMAKER, SAVINGS_PLANS
from orchestration.demo.ledger import Charge, Ledger
from orchestration.demo.prices import PICO, plain


@dataclass(frozen=True)
class Scope:
    """Of a vendor's charges, or of those of a service or workflow alone, the `share` that is of AI."""

    vendor: str
    category: str
    purpose: str  # training, inference, or neither: blank
    share: str
    why: str
    service: str = ""
    workflow: str = ""


# The first that fits decides.
OWN = (
    Scope("aws", "vector database", "inference", "1", "our index of vectors", service=OPENSEARCH),
    Scope("aws", "infrastructure", "training", "1", "models are made to fit there", EC2, "evaluation"),
    Scope("aws", "infrastructure", "inference", "1", "GPUs", service=EC2),
    Scope("aws", "infrastructure", "", "0", "backups of the web shop", service=S3),
    Scope("aws", "infrastructure", "inference", "1", "an endpoint for models of our own", service=SAGEMAKER),
    Scope("aws", "infrastructure", "inference", "1", "the endpoint runs under it", service=SAVINGS_PLANS),
    Scope("azure_cloud", "vector database", "inference", "1", "the help centre's index"),
    Scope("oracle_cloud", "data platform", "inference", "0.4", "two fifths of its load is retrieval"),
    Scope("vectorhaven", "vector database", "inference", "1", "its tax and credits too"),
    Scope("gradewell", "evaluation", "", "1", "its tax too"),
    Scope("lumenlog", "observability", "", "0.65", "the other hosts are the web shop's"),
    Scope("draftwise", "SaaS with AI", "inference", "1", "an assistant for writing"),
)
# What the defaults know.
_DEFAULTS = (
    *(Scope(vendor, "model API", "inference", "1", "") for vendor in ("openai", "anthropic", "bedrock", "vertex_ai")),
    Scope("github", "SaaS with AI", "inference", "1", ""),
    Scope("sketchwell", "licences", "inference", "0.3", ""),
)


def parts(vendor: str, service: str, workflow: str) -> list[tuple[str, str, Decimal]]:
    """Category, purpose and share of each part of a charge."""
    for scope in (*OWN, *_DEFAULTS):
        if scope.vendor == vendor and scope.service in ("", service) and scope.workflow in ("", workflow):
            share = Decimal(scope.share)
            both = [(scope.category, scope.purpose, share), ("(not AI)", "", 1 - share)]
            return [part for part in both if part[2]]
    return [("(undecided)", "", Decimal(1))]


def total_cost(ledger: Ledger, accrued: Mapping[tuple[str, str], int]) -> list[dict]:
    """USD billed and effective by month, category and purpose; `accrued`: picodollars by vendor and month."""
    found: defaultdict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])

    def add(vendor: str, service: str, workflow: str, month: str, billed: Decimal, effective: Decimal) -> None:
        for category, purpose, share in parts(vendor, service, workflow):
            sums = found[month, category, purpose]
            sums[0] += billed * share
            sums[1] += effective * share

    for charge in (*ledger.counted(), *ledger.unshown()):
        billed, effective = (in_usd(charge, cost) or Decimal(0) for cost in ("billed_cost", "effective_cost"))
        add(charge.vendor, charge.service, charge.workflow, f"{charge.month:%Y-%m}", billed, effective)
    for (balance, _, day), cost in ledger.draws().items():
        add(balance.vendor, "", "", f"{day:%Y-%m}", -cost, Decimal(0))
    for (vendor, month), cost in accrued.items():
        add(vendor, "", "", month, Decimal(0), cost * PICO)
    return [
        {"month": month, "category": category, "purpose": purpose or None,
         "billed_cost_usd": plain(billed), "effective_cost_usd": plain(effective)}
        for (month, category, purpose), (billed, effective) in sorted(found.items())
    ]  # fmt: skip


def savings(
    ledger: Ledger, accrued: Mapping[tuple[str, str], int], chosen: Mapping[tuple[str, str], int]
) -> list[dict]:
    """What usage costs by vendor and month; `accrued`, `chosen` (saved by batch and caches): picodollars."""
    names = ("effective_cost_usd", "unused_cost_usd", "list_cost_usd", "list_effective_cost_usd")
    found: defaultdict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(names, Decimal(0)))
    for charge in (*ledger.counted(), *ledger.unshown()):
        if charge.category == "Usage" and (effective := in_usd(charge, "effective_cost")) is not None:
            sums, listed = found[charge.vendor, f"{charge.month:%Y-%m}"], in_usd(charge, "list_cost")
            sums["effective_cost_usd"] += effective
            sums["unused_cost_usd"] += effective if charge.is_unused else 0
            sums["list_cost_usd"] += listed or 0
            sums["list_effective_cost_usd"] += effective if charge.is_unused or listed is not None else 0
    for at, cost in accrued.items():
        for name in names:
            found[at][name] += cost * PICO if name != "unused_cost_usd" else 0
    return [
        {"vendor": vendor, "month": month, **{name: plain(amount) for name, amount in sums.items()},
         "usage_choice_savings_usd": plain(chosen.get((vendor, month), 0) * PICO)}
        for (vendor, month), sums in sorted(found.items())
    ]  # fmt: skip


def in_usd(charge: Charge, cost: str) -> Decimal | None:
    amount, rate = getattr(charge, cost), usd_per_unit(charge.currency, charge.written or charge.first_day)
    return None if amount is None or rate is None else amount * rate
