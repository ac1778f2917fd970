"""Azure's exports: actual and amortised tell one bill's money once, whatever their columns, language and order."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import warehouse

from orchestration.ingest import ingest_source
from orchestration.ingest import manifest as manifests
from orchestration.places import Places

ACCOUNTS = "/providers/Microsoft.Billing/billingAccounts/"
COSTS = "list_cost, contracted_cost, billed_cost, effective_cost"

# An enterprise agreement's columns, with what they hold where a line does not say otherwise.
USUAL = {
    "BillingAccountId": "",
    "BillingPeriodStartDate": "10/01/2026",
    "Date": "10/05/2026",
    "SubscriptionId": "sub-1",
    "MeterCategory": "Virtual Machines",
    "MeterSubCategory": "",
    "MeterName": "D2s v5",
    "ResourceId": "/subscriptions/sub-1/vm-1",
    "ResourceLocation": "West Europe",
    "ProductName": "",
    "Quantity": "2",
    "UnitOfMeasure": "1 Hour",
    "EffectivePrice": "5",
    "UnitPrice": "5",
    "PayGPrice": "6",
    "CostInBillingCurrency": "10",
    "BillingCurrencyCode": "EUR",
    "ChargeType": "Usage",
    "Frequency": "UsageBased",
    "PricingModel": "OnDemand",
    "ReservationId": "",
    "Tags": '"team": "search","note": "a, b"',
}
COVERED = {"PricingModel": "Reservation", "ReservationId": "ri-1"}
BOUGHT = COVERED | {"ChargeType": "Purchase", "ResourceId": "", "Quantity": "1"}


def line(cost: str, **more: str) -> dict[str, str]:
    return {"CostInBillingCurrency": cost} | more


# A line that is alike in both, usage that a reservation covers, its purchase on a day of its own, a refund of some.
ALIKE = line("10.000000000000000001")
OTHERS = [
    line("1.9", ChargeType="Tax", Quantity="", Date="10/31/2026"),
    line("-0.000000000000000001", ChargeType="RoundingAdjustment", Quantity=""),
]
ACTUAL = [
    ALIKE,
    line("0", **COVERED, EffectivePrice="0"),
    line("300", **BOUGHT | {"Date": "10/01/2026"}),
    line("-30", **BOUGHT | {"ChargeType": "Refund", "Date": "10/02/2026"}),
    *OTHERS,
]
AMORTISED = [
    ALIKE,
    line("4.033333333333333333", **COVERED, EffectivePrice="2.016666666666666667"),
    line("5.666666666666666667", **COVERED | {"ChargeType": "UnusedReservation", "ResourceId": ""}),
    *OTHERS,
]
PLAIN = [line("1.5"), line("2.5", ResourceId="/subscriptions/sub-1/vm-2")]
TWINS = [line("7"), line("7"), line("8")]
# A line that the other export does not have (yet), each on a day of its own.
RAGGED = (
    [*ACTUAL, line("3", Date="10/09/2026")],
    [*AMORTISED, line("4", Date="10/10/2026")],
)

# As the portal writes them: the English name in brackets, or a word that Microsoft's list of the columns has for it.
LANGUAGES = {
    "german": {
        "SubscriptionId": "Abonnement-GUID (SubscriptionGuid)",
        "MeterCategory": "Kategorie der Verbrauchseinheit (MeterCategory)",
        "CostInBillingCurrency": "Kosten",
        "BillingCurrencyCode": "Währung",
        "Quantity": "Menge",
        "UnitOfMeasure": "Maßeinheit (UnitOfMeasure)",
        "Frequency": "Häufigkeit",
    },
    "french": {
        "MeterCategory": "Catégorie du compteur (MeterCategory)",
        "CostInBillingCurrency": "Coût (Cost)",
        "BillingCurrencyCode": "Devise",
        "Quantity": "Quantité consommée (ConsumedQuantity)",
        "UnitOfMeasure": "Unité",
        "EffectivePrice": "Tarif",
        "ResourceId": "ID d'instance (InstanceId)",
        "ReservationId": "ID de réservation",
        "Tags": "Balises (Tags)",
    },
    "spanish": {
        "CostInBillingCurrency": "Coste",
        "BillingCurrencyCode": "Moneda",
        "Quantity": "Cantidad",
        "UnitOfMeasure": "Unidad",
        "ProductName": "Producto",
    },
    "portuguese": {
        "Date": "Data",
        "CostInBillingCurrency": "Custo",
        "BillingCurrencyCode": "Moeda",
        "Quantity": "Quantidade",
        "UnitOfMeasure": "Unidade",
    },
    "japanese": {
        "BillingAccountId": "請求先アカウントID\uff08BillingAccountId\uff09",
        "MeterCategory": "測定カテゴリ (MeterCategory)",
        "CostInBillingCurrency": "コスト",
        "UnitOfMeasure": "ユニット",
        "Frequency": "頻度",
    },
    "older english": {
        "MeterSubCategory": "Meter Sub-Category",
        "CostInBillingCurrency": "ExtendedCost",
        "Quantity": "Consumed Quantity",
        "ResourceId": "Instance ID",
        "UnitOfMeasure": "Unit Of Measure",
    },
}

# Meter, sub-category, unit, quantity, then the tokens, their class and the model that they mean.
METERS = [
    ("gpt 4.1 Inp glbl Tokens", "Azure OpenAI", "1K", "1200.5", 1200500, "input_uncached", "gpt-4.1"),
    ("gpt 4.1 cached Inp glbl Tokens", "Azure OpenAI", "1K", "2", 2000, "cache_read", "gpt-4.1"),
    ("gpt 4o 0513 Batch Outp glbl Tokens", "Azure OpenAI", "1K", "0.001", 1, "output", "gpt-4o-0513"),
    ("GPT 5 Mini Inpt Glbl 1M Tokens", "Azure OpenAI GPT5", "1M", "0.25", 250000, "input_uncached", "gpt-5-mini"),
    ("5.4 pp opt Gl 1M Tokens", "Azure OpenAI GPT5", "1M", "0.000003", 3, "output", "gpt-5.4"),
    ("5.1 cd inp Dz 1M Tokens", "Azure OpenAI GPT5", "1M", "1", 1000000, "cache_read", "gpt-5.1"),
    ("6-sol Cd Wr Std Gl 1M Tokens", "Azure OpenAI GPT6", "1M", "1", 1000000, "cache_write_5m", "gpt-6-sol"),
    ("4.6 Outp DZ Tokens", "Azure Other Models", "1K", "1", 1000, "output", None),
    ("gpt-4o-aud-1217 Inp glbl Tokens", "Azure OpenAI", "1K", "1", 1000, "audio_input", "gpt-4o-aud-1217"),
    ("K2.5 Thinking Outp DZ Tokens", "Azure Moonshot Models", "1K", "1", 1000, "output", "k2.5-thinking"),
    ("text-embedding-3-small-glbl Tokens", "Azure OpenAI", "1K", "3", 3000, None, "text-embedding-3-small"),
]
PROVISIONED = ("Provisioned Managed Global Unit", "Azure OpenAI", "1 Hour", "24")


def total(lines: Iterable[dict[str, str]]) -> Decimal:
    return sum((Decimal(one["CostInBillingCurrency"]) for one in lines), Decimal(0))


def write(file: Path, lines: list[dict[str, str]], names: dict[str, str], delimiter: str = ",") -> None:
    """`names`: the header of a column, where it is not the usual one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    columns = list(lines[0])
    with file.open("w", newline="", encoding="utf-8-sig") as out:
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(names.get(column, column) for column in columns)
        writer.writerows([one[column] for column in columns] for one in lines)


def land(places: Places, account: str, path: str, lines: list[dict[str, str]], **how) -> Path:
    file = places.landing / "azure_cost" / account / path
    write(file, [USUAL | {"BillingAccountId": account} | one for one in lines], how.pop("names", {}), **how)
    return file


def build(places: Places) -> None:
    warehouse.build(places, "data_quality", "fct_cost_lines")


def lines_of(places: Places, account: str) -> list[tuple]:
    """All that the ledger says of an account's lines, but under which id."""
    return warehouse.query(
        places,
        "select * exclude (cost_line_id, billing_account_id, source_file_hash, source_row) from core.fct_cost_lines"
        f" where billing_account_id = '{ACCOUNTS}{account}' order by all",
    )


def sums_of(places: Places, account: str) -> tuple:
    """Lines, billed and effective cost."""
    return warehouse.query(
        places,
        "select count(*), sum(billed_cost), sum(effective_cost) from core.fct_cost_lines"
        f" where billing_account_id = '{ACCOUNTS}{account}'",
    )[0]


def places_in(base: Path) -> Places:
    return Places(base / "landing", base / "config", base / "ledger", base / "home", warehouse.NOW)


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Bills of many accounts, each with a difficulty of its own, landed in two runs."""
    places = places_in(tmp_path_factory.mktemp("azure"))
    land(places, "together", "a.csv", ACTUAL)
    land(places, "together", "b.csv", AMORTISED)
    land(places, "actual-first", "1.csv", ACTUAL)
    land(places, "shares-first", "1.csv", AMORTISED)
    land(places, "actual-only", "1.csv", ACTUAL)
    land(places, "shares-only", "1.csv", AMORTISED)
    land(places, "named", "cost-actual/part_0_0001.csv", PLAIN)
    land(places, "named", "cost-amortized/part_0_0001.csv", PLAIN[::-1])
    land(places, "twins", "actual.csv", TWINS)
    land(places, "twins", "amortised.csv", TWINS[::-1])
    land(places, "ragged", "a.csv", RAGGED[0])
    land(places, "ragged", "b.csv", RAGGED[1])
    land(places, "grown", "1.csv", ACTUAL[:2])
    land(places, "grown", "2.csv", AMORTISED[:2])
    land(places, "english", "1.csv", ACTUAL)
    iso = [one | {"Date": "2026-10-" + (USUAL | one)["Date"][3:5]} for one in ACTUAL]
    as_json = [one | {"Tags": json.dumps({"team": "search", "note": "a, b"})} for one in ACTUAL]
    for language, names in LANGUAGES.items():
        changed = {"german": iso, "spanish": as_json}.get(language, ACTUAL)
        land(places, language, "1.csv", changed, names=names, delimiter=";" if language == "german" else ",")
    file = land(places, "parquet", "1.csv", iso)
    duckdb.sql(
        f"copy (select * replace (CostInBillingCurrency::decimal(38, 18) as CostInBillingCurrency, Quantity::double as"
        f" Quantity) from read_csv('{file}', all_varchar = true)) to '{file.with_suffix('.parquet')}'"
    )
    file.unlink()
    also = [{"MeterName": meter, "MeterSubCategory": sub, "UnitOfMeasure": unit, "Quantity": quantity}
            for meter, sub, unit, quantity, *_ in [*METERS, PROVISIONED]]  # fmt: skip
    land(places, "meters", "1.csv", [{"MeterCategory": "Foundry Models"} | one for one in also])
    umbrella = {"MeterCategory": "Cognitive Services", "MeterSubCategory": "Azure OpenAI"}
    bought = BOUGHT | {"MeterCategory": "", "ProductName": "Azure OpenAI provisioned, 1 month"}
    land(places, "services", "1.csv", [line("1", **umbrella), line("2", **bought)])
    land(places, "in-focus", "1.csv", [line("10")])
    focus = places.landing / "focus" / "bill.csv"
    told = {"BillingAccountId": f"{ACCOUNTS}in-focus", "BillingPeriodStart": "2026-10-01", "ProviderName": "Microsoft"}
    told |= {"ChargePeriodStart": "2026-10-05", "ChargeCategory": "Usage", "BilledCost": "10", "BillingCurrency": "EUR"}
    write(focus, [told], {})
    for name, columns in OTHER_AGREEMENTS.items():
        write(places.landing / "azure_cost" / f"{name}.csv", [columns], {})
    ingest_source(places, "azure_cost")

    later = replace(places, now=warehouse.LATER)
    land(later, "actual-first", "2.csv", AMORTISED)
    land(later, "shares-first", "2.csv", ACTUAL)
    land(later, "grown", "3.csv", AMORTISED)
    land(later, "grown", "4.csv", ACTUAL)
    build(later)
    return later


OTHER_AGREEMENTS = {
    "customer agreement": {
        "invoiceId": "T001",
        "billingAccountId": "acct:guid_2019-05-31",
        "billingProfileId": "AAAA-BBBB",
        "billingPeriodStartDate": "10/01/2026",
        "date": "10/05/2026",
        "meterCategory": "Storage",
        "product": "Hot LRS",
        "ProductId": "DZH318Z0BNXN",
        "SubscriptionId": "sub-2",
        "publisherType": "Marketplace",
        "publisherName": "Pinecone",
        "partnerName": "Contoso",
        "quantity": "3",
        "unitOfMeasure": "1 GB",
        "chargeType": "Usage",
        "pricingModel": "SavingsPlan",
        "benefitId": "sp-1",
        "billingCurrency": "eur",
        "pricingCurrency": "USD",
        "costInBillingCurrency": "0",
        "costInUsd": "0",
        "paygCostInBillingCurrency": "2.7",
        "PayGPrice": "1",
        "unitPrice": "0.9",
        "exchangeRatePricingToBilling": "0.9",
        "tags": "",
    },
    "pay-as-you-go": {
        "SubscriptionGuid": "sub-3",
        "UsageDateTime": "2026-10-05",
        "MeterCategory": "Load Balancer",
        "MeterSubcategory": "Standard",
        "UsageQuantity": "3",
        "ResourceRate": "0.025",
        "PreTaxCost": "7.5e-02",
        "InstanceId": "/subscriptions/sub-3/lb",
        "Tags": '{"team": "web"}',
        "Currency": "JPY",
        "UnitOfMeasure": "100 Hours",
    },
}


def test_billed_is_what_the_actual_export_says_and_effective_what_the_amortised_one_says(bills: Places) -> None:
    assert sums_of(bills, "together") == (7, total(ACTUAL), total(AMORTISED))
    found = warehouse.query(
        bills,
        f"select charge_category, charge_class, commitment_discount_status, {COSTS} from core.fct_cost_lines"
        f" where billing_account_id = '{ACCOUNTS}together' order by effective_cost, billed_cost",
    )
    tiny, tax, alike = Decimal("-1e-18"), Decimal("1.9"), Decimal("10.000000000000000001")
    covered, unused = Decimal("4.033333333333333333"), Decimal("5.666666666666666667")
    assert found == [
        ("Adjustment", None, None, None, tiny, tiny, tiny),
        ("Purchase", "Correction", None, 6, Decimal(-30), Decimal(-30), 0),
        ("Purchase", None, None, 6, 300, 300, 0),
        ("Tax", None, None, None, tax, tax, tax),
        ("Usage", None, "Used", 12, 10, 0, covered),
        ("Usage", None, "Unused", None, None, 0, unused),
        ("Usage", None, None, 12, alike, alike, alike),
    ]


@pytest.mark.parametrize("account", ["actual-first", "shares-first"])
def test_the_order_in_which_the_two_exports_come_changes_nothing(bills: Places, account: str) -> None:
    assert lines_of(bills, account) == lines_of(bills, "together")


def test_without_the_amortised_export_the_share_of_covered_usage_is_unknown(bills: Places) -> None:
    assert sums_of(bills, "actual-only")[:2] == (6, total(ACTUAL))
    unknown = f"billing_account_id = '{ACCOUNTS}actual-only' and effective_cost is null"
    found = warehouse.query(bills, f"select commitment_discount_status from core.fct_cost_lines where {unknown}")
    assert found == [("Used",)]


def test_without_the_actual_export_covered_and_unused_lines_are_billed_elsewhere(bills: Places) -> None:
    assert sums_of(bills, "shares-only") == (5, total([ALIKE, *OTHERS]), total(AMORTISED))


def test_a_month_without_commitments_is_told_by_the_folders_name_and_counts_once(bills: Places) -> None:
    assert sums_of(bills, "named") == (2, 4, 4)


def test_equal_lines_of_one_export_are_separate_charges_and_each_has_its_pair(bills: Places) -> None:
    assert sums_of(bills, "twins") == (3, 22, 22)


def test_a_line_of_one_export_alone_has_no_cost_on_the_other_basis(bills: Places) -> None:
    assert sums_of(bills, "ragged") == (9, total(RAGGED[0]), total(RAGGED[1]))
    found = warehouse.query(
        bills,
        "select day(charge_date), billed_cost, effective_cost from core.fct_cost_lines"
        f" where billing_account_id = '{ACCOUNTS}ragged' and day(charge_date) in (9, 10) order by all",
    )
    assert found == [(9, 3, None), (10, None, 4)]


def test_a_month_that_comes_again_as_a_grown_snapshot_gives_the_last(bills: Places) -> None:
    assert lines_of(bills, "grown") == lines_of(bills, "together")


def test_every_landed_line_is_staged_quarantined_or_left_out(bills: Places) -> None:
    [(landed, counted, quarantined)] = warehouse.query(
        bills,
        "select sum(rows_landed), sum(rows_staged + rows_duplicate), sum(rows_quarantined) from governance.data_quality"
        " where source = 'azure_cost'",
    )
    assert landed == counted > 0
    assert quarantined == 0


@pytest.mark.parametrize("account", [*LANGUAGES, "parquet"])
def test_headers_in_any_language_and_values_in_any_form_read_alike(bills: Places, account: str) -> None:
    assert lines_of(bills, account) == lines_of(bills, "english")
    assert len(lines_of(bills, "english")) == len(ACTUAL)


def test_meters_that_count_tokens_say_how_many_of_which_model(bills: Places) -> None:
    found = warehouse.query(
        bills,
        "select consumed_quantity, consumed_unit, token_class, model, vendor from core.fct_cost_lines"
        f" where billing_account_id = '{ACCOUNTS}meters'",
    )
    told = [(tokens, "tokens", kind, model, "azure") for *_, tokens, kind, model in METERS]
    assert sorted(found, key=str) == sorted([*told, (24, "1 Hour", None, None, "azure")], key=str)


def test_an_older_bill_and_a_purchase_name_their_service_elsewhere(bills: Places) -> None:
    found = warehouse.query(
        bills,
        "select service, vendor from core.fct_cost_lines"
        f" where billing_account_id = '{ACCOUNTS}services' order by billed_cost",
    )
    assert found == [("Azure OpenAI", "azure"), ("Azure OpenAI provisioned, 1 month", "azure")]


def test_a_customer_agreement_and_pay_as_you_go_have_columns_of_their_own(bills: Places) -> None:
    found = warehouse.query(
        bills,
        "select billing_account_id, sub_account_id, invoice_issuer, invoice_id, vendor, sku_id, commitment_discount_id,"
        f" billing_currency, consumed_quantity, team, {COSTS} from core.fct_cost_lines"
        " where sub_account_id in ('sub-2', 'sub-3') order by sub_account_id",
    )
    profile = f"{ACCOUNTS}acct:guid_2019-05-31/billingProfiles/AAAA-BBBB"
    # The first one's unit price is in dollars, and its share of the savings plan stands in the amortised export.
    listed, paid = Decimal("2.7"), Decimal("0.075")
    assert found == [
        (
            profile,
            "sub-2",
            "Contoso",
            "T001",
            "pinecone",
            "DZH318Z0BNXN",
            "sp-1",
            "EUR",
            3,
            None,
            listed,
            None,
            0,
            None,
        ),
        ("sub-3", "sub-3", "Microsoft", None, "azure_cloud", None, None, "JPY", 3, "web", None, paid, paid, paid),
    ]


def test_the_focus_export_of_the_same_account_is_the_same_bill(bills: Places) -> None:
    found = warehouse.query(
        bills,
        f"select source, billed_cost from core.fct_cost_lines where billing_account_id = '{ACCOUNTS}in-focus'",
    )
    assert found == [("focus", 10)]


def test_an_export_that_comes_later_changes_all_days_of_its_bill_and_no_others(tmp_path: Path, bills: Places) -> None:
    places = places_in(tmp_path)
    land(places, "ragged", "a.csv", RAGGED[0])
    land(places, "twins", "actual.csv", [one | {"Date": "10/20/2026"} for one in TWINS])
    warehouse.build(places, "fct_cost_lines")
    first = warehouse.fingerprints(places, "int_cost_lines")
    alone = "select billed_cost, effective_cost from core.fct_cost_lines where day(charge_date) = 9"
    assert warehouse.query(places, alone) == [(3, 3)]
    later = replace(places, now=warehouse.LATER)
    land(later, "ragged", "b.csv", RAGGED[1])
    warehouse.build(later, "fct_cost_lines")
    assert lines_of(later, "ragged") == lines_of(bills, "ragged")
    second = warehouse.fingerprints(places, "int_cost_lines")
    assert {day.day for day in second if first.get(day) == second[day]} == {20}


def edition_of(places: Places) -> set[str | None]:
    ingest_source(places, "azure_cost")
    return {one.edition for one in manifests.load(places.raw / "manifest" / "azure_cost.parquet").values()}


def test_a_file_is_amortised_by_its_name_or_by_what_only_that_export_gives_a_cost(places: Places) -> None:
    file = land(places, "a", "export.csv", PLAIN)
    assert edition_of(places) == {None}
    named = file.with_name("export-Amortized.csv")
    file.rename(named)
    assert edition_of(places) == {"amortised"}
    named.rename(file)
    assert edition_of(places) == {None}
    file = file.rename(file.with_name("actual and amortized, actual.csv"))
    assert edition_of(places) == {None}
    file.unlink()
    land(places, "a", "export.csv", [*PLAIN, line("1", PricingModel="Savings Plan")])
    assert edition_of(places) == {"amortised"}


def test_the_manifest_that_lies_beside_an_export_is_no_bill(places: Places) -> None:
    file = land(places, "a", "part_0_0001.csv", PLAIN)
    file.with_name("manifest.json").write_text(json.dumps({"blobs": [{"blobName": file.name}], "blobCount": 1}))
    report = ingest_source(places, "azure_cost")
    assert (report.files_landed, report.rows_accepted) == (1, len(PLAIN))


def test_a_comma_that_may_be_a_decimal_one_is_quarantined_and_not_guessed_at(places: Places) -> None:
    lines = [line("1,5"), line("1.234,5"), line("1,234"), line("1.5", Quantity="2,345"), line("1.5", Quantity="2,5")]
    land(places, "a", "1.csv", lines, names=LANGUAGES["german"], delimiter=";")
    report = ingest_source(places, "azure_cost")
    assert (report.rows_accepted, report.rows_quarantined) == (0, 5)
