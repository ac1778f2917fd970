"""FOCUS bills: every version's columns land, corrections correct, and a charge belongs to the vendor behind it."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
import warehouse

from orchestration.ingest import ingest_source
from orchestration.ingest import manifest as manifests
from orchestration.places import Places

# The columns of Cost and Usage that each version of the specification adds.
ADDED = {
    "1.0": "AvailabilityZone BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd "
    "BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargeFrequency ChargePeriodEnd ChargePeriodStart "
    "CommitmentDiscountCategory CommitmentDiscountId CommitmentDiscountName CommitmentDiscountStatus "
    "CommitmentDiscountType ConsumedQuantity ConsumedUnit ContractedCost ContractedUnitPrice EffectiveCost "
    "InvoiceIssuerName ListCost ListUnitPrice PricingCategory PricingQuantity PricingUnit ProviderName PublisherName "
    "RegionId RegionName ResourceId ResourceName ResourceType ServiceCategory ServiceName SkuId SkuPriceId "
    "SubAccountId SubAccountName Tags",
    "1.1": "CapacityReservationId CapacityReservationStatus CommitmentDiscountQuantity CommitmentDiscountUnit "
    "ServiceSubcategory SkuMeter SkuPriceDetails",
    "1.2": "BillingAccountType InvoiceId PricingCurrency PricingCurrencyContractedUnitPrice "
    "PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice SubAccountType",
    "1.3": "AllocatedMethodDetails AllocatedMethodId AllocatedResourceId AllocatedResourceName AllocatedTags "
    "ContractApplied HostProviderName ServiceProviderName",
    "1.4": "CommitmentProgramEligibilityDetails InvoiceDetailId",
}
REMOVED = {"1.4": {"ProviderName", "PublisherName"}}
COUNTS = {"1.0": 43, "1.1": 50, "1.2": 57, "1.3": 65, "1.4": 65}


def columns_of(version: str) -> list[str]:
    names: set[str] = set()
    for one, added in ADDED.items():
        names = (names | set(added.split())) - REMOVED.get(one, set())
        if one == version:
            break
    assert len(names) == COUNTS[version]
    return sorted(names)


def land(places: Places, path: str, *rows: dict[str, object]) -> None:
    file = places.landing / "focus" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)


def landed(places: Places, columns: str) -> list[tuple]:
    return duckdb.sql(f"select {columns} from read_parquet('{places.raw}/focus/*/*.parquet')").fetchall()


@pytest.mark.parametrize("version", COUNTS)
def test_every_column_of_a_version_lands_with_its_value(places: Places, version: str) -> None:
    row: dict[str, object] = {}
    expected: dict[str, object] = {}
    for number, name in enumerate(columns_of(version), start=1):
        if name.endswith(("Cost", "Price", "Quantity")):
            row[name], expected[name] = f"{number}.5", Decimal(f"{number}.5")
        elif name.endswith(("PeriodStart", "PeriodEnd")):
            row[name], expected[name] = f"2026-10-{number % 28 + 1:02d}T00:00:00Z", datetime(2026, 10, number % 28 + 1)
        elif name.endswith("Tags"):
            row[name], expected[name] = json.dumps({"name": name, "flag": True}), {"name": name, "flag": "true"}
        elif name.endswith(("Details", "Applied")):
            row[name] = expected[name] = json.dumps({"Elements": [{"of": name}]})
        else:
            row[name] = expected[name] = f"{name} {number}"
    land(places, "bill.csv", row)
    assert ingest_source(places, "focus").rows_accepted == 1
    [entry] = manifests.load(places.raw / "manifest" / "focus.parquet").values()
    assert entry.extra_columns == []
    [values] = landed(places, ", ".join(expected))
    assert dict(zip(expected, values, strict=True)) == expected


def test_a_vendors_own_columns_are_one_map_without_what_is_nested_or_private(places: Places) -> None:
    land(
        places,
        "bill.csv",
        {"BilledCost": 1, "ChargePeriodStart": "10/1/26", " x_CostCenter": "CC-7", "X_Owner": "bob@acme.com", "y": "z"}
        | {"x_Blank": " ", "x_Details": '{"prompt": "How do I …"}', "x_Export": "2026-10-02T00:00:00Z"},
    )
    ingest_source(places, "focus")
    [(held,)] = landed(places, "x_columns")
    assert held.pop("Owner").startswith("h_")
    assert held == {"CostCenter": "CC-7", "Export": "2026-10-02T00:00:00Z"}
    [entry] = manifests.load(places.raw / "manifest" / "focus.parquet").values()
    assert entry.extra_columns == ["y"]


@pytest.mark.parametrize("dataset", ["invoice_detail", "billing_period", "contract_commitment"])
def test_another_dataset_of_focus_is_refused_with_the_reason(places: Places, dataset: str) -> None:
    columns = {
        "invoice_detail": "BilledCost BillingAccountId BillingPeriodStart InvoiceDetailId InvoiceId InvoiceIssuerName",
        "billing_period": "BillingPeriodStart BillingPeriodEnd BillingPeriodStatus InvoiceIssuerName",
        "contract_commitment": "ContractId ContractCommitmentId ContractCommitmentCost",
    }
    land(places, f"{dataset}.csv", dict.fromkeys(columns[dataset].split(), "1"))
    report = ingest_source(places, "focus")
    assert (report.files_accepted, report.files_quarantined) == (0, 1)
    assert "is missing." in report.messages[0]


# --- corrections


def line(account: str, cost: str, **more: object) -> dict[str, object]:
    """A charge of May 2026, in its bill of May."""
    return {
        "BillingAccountId": account,
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-05-01T00:00:00Z",
        "BillingPeriodEnd": "2026-06-01T00:00:00Z",
        "ChargePeriodStart": "2026-05-03T00:00:00Z",
        "ChargePeriodEnd": "2026-05-03T01:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeClass": "(null)",
        "ServiceProviderName": "Acme Cloud",
        "InvoiceIssuerName": "Acme Cloud",
        "ServiceName": "Compute",
        "ResourceId": "R-111",
        **dict.fromkeys(("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"), cost),
        **more,
    }


JUNE = {"BillingPeriodStart": "2026-06-01T00:00:00Z", "BillingPeriodEnd": "2026-07-01T00:00:00Z"}
IN_JUNE = JUNE | {"ChargePeriodStart": "2026-06-03T00:00:00Z", "ChargePeriodEnd": "2026-06-03T01:00:00Z"}
CORRECTION = JUNE | {"ChargeClass": "Correction"}  # of a charge of May, in the bill of June
SELECTED = ("fct_cost_lines", "data_quality", "data_findings")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Places:
    base = tmp_path_factory.mktemp("focus")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)
    land_bills(places)
    land_sales(places)
    ingest_source(places, "focus")
    land_corrections(places)
    later = replace(places, now=warehouse.LATER)
    warehouse.build(later, *SELECTED)
    return later


def land_bills(places: Places) -> None:
    for account in ("delta", "ledger", "late", "replaced", "with usage"):
        land(places, f"{account}/may.csv", line(account, "1500"), line(account, "7", ResourceId="R-333"))
        land(places, f"{account}/june.csv", line(account, "40", **IN_JUNE))
    for account in ("open delta", "open late"):
        land(places, f"{account}/june.csv", line(account, "1500", **IN_JUNE))
    # Azure writes the meter into the description or into a column of its own, and counts thousands.
    azure = {"ServiceProviderName": "Microsoft", "ConsumedQuantity": "5000.25", "ConsumedUnit": "1K Tokens"}
    land(
        places,
        "azure/may.csv",
        line(
            "azure",
            "5",
            **azure,
            ChargeDescription="gpt-4o 0806 Inp glbl Tokens",
            ListUnitPrice="2.3749999999999997e-06",
        ),
        line("azure", "6", **azure, x_SkuMeterName="gpt 4o mini cached Inp glbl Tokens", ChargeDescription="AI"),
        line("azure", "7", **azure, x_SkuMeterName="", ChargeDescription="gpt-4o-mini-0718-Outp-glbl Tokens"),
        line("azure", "8", ConsumedQuantity="3", ConsumedUnit="Hours", ChargeDescription="gpt 4o Inp Tokens hosting"),
    )
    # As Microsoft's own exports tell it: an umbrella of services, and Units of a meter that counts tokens.
    own = {"ServiceProviderName": "Microsoft", "ConsumedQuantity": "5000", "ServiceName": "Azure AI services"}
    umbrella = own | {"x_SkuMeterCategory": "Cognitive Services", "x_SkuMeterSubcategory": "Azure OpenAI GPT4"}
    land(
        places,
        "microsoft/may.csv",
        line("microsoft", "1", **umbrella, ConsumedUnit="Units", x_SkuMeterName="4.1 Inp glbl Tokens"),
        line("microsoft", "2", **umbrella, ConsumedUnit="Hours", x_SkuMeterName="Provisioned Managed Global Unit"),
        line("microsoft", "3", **own, ConsumedUnit="Units", x_SkuMeterCategory="Foundry Models",
             x_InvoiceId="E0500", BillingCurrency="EUR", x_BilledCostInUsd="3.3"),
        line("microsoft", "4", **own, ConsumedUnit="Units", x_SkuMeterCategory="Cognitive Services",
             x_SkuMeterSubcategory="Speech", x_SkuMeterName="S1 Speech To Text"),
    )  # fmt: skip
    # Microsoft states dollars twice; a purchase without an effective cost has them once.
    bought = {"BillingCurrency": "EUR", "PricingCurrency": "USD", "PricingCurrencyEffectiveCost": "0"}
    land(places, "bought/may.csv", line("bought", "1200", **own, **bought, EffectiveCost="0", x_BilledCostInUsd="1300"))
    land(places, "append only/append/1.csv", line("append only", "1500"), line("append only", "7"))
    # The same bill from an older version of the specification, which called the vendor otherwise, or by no name.
    land(places, "spelt/may.csv", line("spelt", "20", ServiceProviderName="", ProviderName="AWS"))
    land(places, "blank/may.csv", line("blank", "20", ServiceProviderName="", ProviderName=""))


def land_corrections(places: Places) -> None:
    # The closed period of May is corrected in the bill of June, by corrections alone.
    land(
        places,
        "delta/corrections.csv",
        line("delta", "-300", **CORRECTION),
        line("delta", "300", **CORRECTION, ResourceId="R-222"),
    )
    land(
        places,
        "ledger/corrections.csv",
        line("ledger", "-1500", **CORRECTION),
        line("ledger", "1200", **CORRECTION),
        line("ledger", "300", **CORRECTION, ResourceId="R-222"),
    )
    land(places, "late/corrections.csv", line("late", "55", **CORRECTION))
    # May comes again as a whole.
    land(places, "replaced/may-again.csv", line("replaced", "1200"), line("replaced", "300", ResourceId="R-222"))
    # A whole bill of June that holds corrections replaces the bill of June, and no line of May's.
    land(
        places,
        "with usage/june-again.csv",
        line("with usage", "41", **IN_JUNE),
        line("with usage", "-300", **CORRECTION),
    )
    # An open period is corrected in its own bill: by rows that the vendor appends, or by a grown snapshot.
    land(
        places,
        "open delta/append/1.csv",
        line("open delta", "-300", **IN_JUNE),
        line("open delta", "300", **IN_JUNE, ResourceId="R-222"),
    )
    land(places, "open late/june-again.csv", line("open late", "1500", **IN_JUNE), line("open late", "55", **IN_JUNE))
    # Another vendor calls its customer as Acme Cloud calls it.
    land(places, "replaced/other.csv", line("replaced", "9", ServiceProviderName="Other", ResourceId="R-999"))
    land(places, "append only/append/2.csv", line("append only", "7"))
    for account in ("spelt", "blank"):
        land(places, f"{account}/may-again.csv", line(account, "21", ServiceProviderName="Amazon Web Services, Inc."))


@pytest.mark.parametrize(
    ("account", "may", "june"),
    [
        ("delta", {"R-111": 1200, "R-222": 300, "R-333": 7}, {"R-111": 40}),
        ("ledger", {"R-111": 1200, "R-222": 300, "R-333": 7}, {"R-111": 40}),
        ("late", {"R-111": 1555, "R-333": 7}, {"R-111": 40}),
        ("replaced", {"R-111": 1200, "R-222": 300, "R-999": 9}, {"R-111": 40}),
        ("with usage", {"R-111": 1200, "R-333": 7}, {"R-111": 41}),
        ("open delta", {}, {"R-111": 1200, "R-222": 300}),
        ("open late", {}, {"R-111": 1555}),
        ("append only", {"R-111": 1514}, {}),
        ("spelt", {"R-111": 21}, {}),
        ("blank", {"R-111": 21}, {}),
    ],
)
def test_a_correction_adds_or_replaces_as_its_style_says(
    built: Places, account: str, may: dict[str, int], june: dict[str, int]
) -> None:
    found = warehouse.query(
        built,
        "select usage_month, resource_id, sum(billed_cost) from core.fct_cost_lines"
        f" where billing_account_id = '{account}' and source = 'focus' group by all",
    )
    expected = {(date(2026, 5, 1), resource): cost for resource, cost in may.items()}
    assert {(month, resource): cost for month, resource, cost in found} == expected | {
        (date(2026, 6, 1), resource): cost for resource, cost in june.items()
    }


def test_a_line_of_tokens_names_model_class_and_tokens_by_its_meter(built: Places) -> None:
    found = warehouse.query(
        built,
        "select model, token_class, consumed_quantity, consumed_unit from core.fct_cost_lines"
        " where billing_account_id = 'azure' order by billed_cost",
    )
    assert found == [
        ("gpt-4o-0806", "input_uncached", Decimal("5000250"), "tokens"),
        ("gpt-4o-mini", "cache_read", Decimal("5000250"), "tokens"),
        ("gpt-4o-mini-0718", "output", Decimal("5000250"), "tokens"),
        (None, None, Decimal(3), "Hours"),
    ]


def test_a_line_of_microsoft_is_of_the_service_that_its_meter_names(built: Places) -> None:
    found = warehouse.query(
        built,
        "select vendor, service, model, token_class, consumed_quantity, consumed_unit from core.fct_cost_lines"
        " where billing_account_id = 'microsoft' order by billed_cost",
    )
    assert found == [
        ("azure", "Azure OpenAI GPT4", "gpt-4.1", "input_uncached", Decimal(5000), "tokens"),
        ("azure", "Azure OpenAI GPT4", None, None, Decimal(5000), "Hours"),
        ("azure", "Foundry Models", None, None, Decimal(5000), "Units"),
        ("azure_cloud", "Speech", None, None, Decimal(5000), "Units"),
    ]


def test_invoice_and_dollars_may_stand_in_columns_of_microsofts_own(built: Places) -> None:
    columns = "billing_currency, billed_cost, invoice_id, billed_cost_usd, effective_cost_usd, rate_source"
    told = f"select {columns} from core.fct_cost_lines where billing_account_id = 'microsoft' and billed_cost = 3"
    usd = Decimal("3.3")
    assert warehouse.query(built, told) == [("EUR", Decimal(3), "E0500", usd, usd, "bill")]
    told = f"select {columns} from core.fct_cost_lines where billing_account_id = 'bought'"
    assert warehouse.query(built, told) == [("EUR", Decimal(1200), None, Decimal(1300), Decimal(0), "bill")]


def test_a_correction_says_so_and_lies_in_the_bill_that_it_came_with(built: Places) -> None:
    found = warehouse.query(
        built,
        "select charge_class, billing_period_start, count(*) from core.fct_cost_lines"
        " where billing_account_id = 'ledger' group by all order by 1, 2",
    )
    may, june = datetime(2026, 5, 1), datetime(2026, 6, 1)
    assert found == [("Correction", june, 3), (None, may, 2), (None, june, 1)]


def test_every_line_that_was_replaced_is_accounted_for(built: Places) -> None:
    found = warehouse.query(
        built,
        "select sum(rows_landed), sum(rows_staged), sum(rows_quarantined), sum(rows_duplicate)"
        " from governance.data_quality where source = 'focus'",
    )
    # Replaced: two lines of May, a line of June twice, a line of a vendor spelt otherwise and of one without a name.
    assert found == [(58, 52, 0, 6)]


# --- whose money it is


def land_sales(places: Places) -> None:
    places.config.mkdir()
    (places.config / "attribution_keys.csv").write_text(
        "source,origin,key,target,priority,valid_from,valid_to,owner,approved_by,reason\n"
        "focus,tag,team,team,10,,,finance,finance,Tag of the resource or of what the vendor split it onto\n"
        "focus,metadata,CostCenter,product,10,,,finance,finance,The vendor's own x_CostCenter\n"
    )

    def sale(month: str, seller: str, host: str, issuer: str, service: str, **more: object) -> dict[str, object]:
        told = {"ServiceProviderName": seller, "HostProviderName": host, "InvoiceIssuerName": issuer}
        start = {
            "ChargePeriodStart": f"{month}-02",
            "ChargePeriodEnd": f"{month}-03",
            "BillingPeriodStart": f"{month}-01",
        }
        return line(issuer, "10", **start, **told, ServiceName=service, **more)

    aws = "Amazon Web Services, Inc."
    old = {"ProviderName": "AWS", "PublisherName": "Anthropic, PBC"}
    land(places, "1.2.csv", sale("2026-07", "", "", aws, "Claude (AWS Marketplace)", **old))
    land(places, "1.3.csv", sale("2026-08", "Anthropic, PBC", "AWS", aws, "Claude", **old))
    land(
        places,
        "1.4.csv",
        sale("2026-09", "Anthropic, PBC", "AWS", aws, "Claude"),
        sale("2026-09", "Pinecone Systems, Inc.", "AWS", aws, "Pinecone Vector Database"),
        sale("2026-10", "AWS", "AWS", aws, "Claude Sonnet 4.5 (Amazon Bedrock Edition)"),
        sale("2026-10", "Databricks, Inc.", "AWS", "Databricks, Inc.", "Model Serving"),
        sale("2026-10", "AWS", "AWS", "Reseller GmbH", "Amazon EC2"),
    )
    split = {"AllocatedMethodId": "by-cpu", "AllocatedResourceId": "pod-1", "Tags": '{"env": "prod"}'}
    land(
        places,
        "split.csv",
        sale("2026-10", "Acme", "Acme", "Acme", "K8s", **split, AllocatedTags='{"team": "search"}', x_CostCenter="C7"),
        sale("2026-10", "Acme", "Acme", "Acme", "K8s", **split | {"AllocatedResourceId": ""}),
    )
    tokens = {"BillingCurrency": "Credits", "PricingCurrency": "Token", "PricingCurrencyEffectiveCost": "500"}
    land(places, "credits.csv", sale("2026-10", "Foundry AI", "", "Foundry AI", "Agents", **tokens))
    invoices = places.landing / "invoices" / "invoices.csv"
    invoices.parent.mkdir()
    invoices.write_text(
        "vendor,invoice_id,line,period,amount,currency\n"
        f'"{aws}",AWS-9,1,2026-09,20,USD\nPinecone,P-9,1,2026-09,10,USD\nReseller GmbH,R-10,1,2026-10,10,USD\n'
        "Lawson,L-9,1,2026-09,30,USD\n"
    )


def test_a_charge_belongs_to_the_vendor_behind_it_in_every_version(built: Places) -> None:
    found = warehouse.query(
        built,
        "select usage_month, vendor, provider from core.fct_cost_lines"
        " where usage_month > '2026-06-01' and vendor <> 'acme' order by all",
    )
    seven, eight, nine, ten = (date(2026, month, 1) for month in (7, 8, 9, 10))
    assert found == [
        (seven, "anthropic", "AWS"),
        (eight, "anthropic", "Anthropic, PBC"),
        (nine, "anthropic", "Anthropic, PBC"),
        # Whose name has that of another in it.
        (nine, "lawson", "Lawson"),
        (nine, "pinecone", "Pinecone Systems, Inc."),
        (ten, "aws", "AWS"),
        (ten, "bedrock", "AWS"),
        (ten, "databricks", "Databricks, Inc."),
        (ten, "foundry ai", "Foundry AI"),
    ]


def test_an_invoice_of_who_issues_the_bill_or_sells_on_it_explains_it(built: Places) -> None:
    found = warehouse.query(
        built,
        "select subject, source, counted_source, billed_cost from governance.data_findings"
        " where finding = 'shown_by_another_bill' order by 1",
    )
    assert found == [
        ("aws", "invoices", "focus", Decimal(20)),
        ("pinecone", "invoices", "focus", Decimal(10)),
        ("reseller gmbh", "invoices", "focus", Decimal(10)),
    ]


def test_a_charge_that_the_vendor_split_is_named_by_what_it_was_split_onto(built: Places) -> None:
    found = warehouse.query(
        built,
        "select team, team_attributed_by, product, product_attributed_by, billed_cost from core.fct_cost_lines"
        " where billing_account_id = 'Acme' order by 1 nulls last",
    )
    assert found == [
        ("search", "tag:team", "C7", "metadata:CostCenter", Decimal(10)),
        (None, None, None, None, Decimal(10)),
    ]


def test_a_virtual_currency_is_kept_and_has_no_known_dollars(built: Places) -> None:
    found = warehouse.query(
        built,
        "select billing_currency, billed_cost, effective_cost, billed_cost_usd, effective_cost_usd"
        " from core.fct_cost_lines where vendor = 'foundry ai'",
    )
    assert found == [("CREDITS", Decimal(10), Decimal(10), None, None)]
