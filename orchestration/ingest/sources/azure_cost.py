"""`azure_cost`: Azure's cost and usage details, a row a charge, from Cost Management's exports or the portal: the
columns of enterprise agreements, customer agreements and pay-as-you-go, and the older names of each.

An export is actual or amortised. A file is the amortised one where its path says `amortized` (and not `actual` after
it), or else where it gives a cost to what only that one does: usage that a reservation or savings plan covers, or what
of one lay unused. The parts of a partitioned export do not all hold such lines, and a month without commitments holds
none: give the folder its name.

Azure computes in binary floating point, so digits after the eighteenth are noise and are rounded away. Dates with
slashes have the month first. A comma that may be a decimal one or not is not guessed at: the line is quarantined.
"""

import re

from orchestration.ingest.spec import Column, Edition, Source

MODULE_VERSION = 1

# What Microsoft's lists of the columns call them in German, French, Spanish, Portuguese, Japanese, if not in English.
TRANSLATED = {
    "Cost": "Kosten Coût Coste Custo コスト",
    "Currency": "Währung Devise Moneda Moeda",
    "Date": "Data",
    "EffectivePrice": "Tarif Tarifa 料金",
    "Frequency": "Häufigkeit Fréquence Frecuencia Frequência 頻度",
    "Location": "Standort Emplacement",
    "ProductName": "Produkt Produit Producto Produto",
    "PublisherName": "発行元",
    "Quantity": "Menge Quantité Cantidad Quantidade",
    "ReservationId": "IDderéservation",
    "UnitOfMeasure": "Einheit Unité Unidad Unidade ユニット",
}
ENGLISH = {word.casefold(): name for name, words in TRANSLATED.items() for word in words.split()}


def in_english(header: str) -> str:
    """The English name of a column. In a file in another language it stands in brackets: `Menge (Quantity)`.

    Account types differ in blanks and hyphens: `Meter Sub-Category` is `MeterSubCategory`.
    """
    bracketed = re.search(r"[(\uff08]([A-Za-z0-9]+)[)\uff09]\s*$", header)
    name = re.sub(r"[\W_]", "", bracketed[1] if bracketed else header)
    return ENGLISH.get(name.casefold(), name)


def column(name: str, *landed: str, kind: str = "text", must: bool = False) -> Column:
    return Column(name, kind, landed, required=must, not_null=must)


def number(name: str, *landed: str, must: bool = False) -> Column:
    return column(name, *landed, kind="float_money", must=must)


DATES = ("Date", "UsageDateTime", "UsageDate")
ACCOUNTS = ("BillingAccountId", "EnrollmentNumber")
SUBSCRIPTIONS = ("SubscriptionGuid", "SubscriptionId")

SOURCE = Source(
    name="azure_cost",
    version=MODULE_VERSION,
    currency="currency",
    event="charge_day",
    latest_days=31,
    header=in_english,
    deliveries=("account", "bill_month"),
    scope="subscription_id",
    edition=Edition(
        name="amortised",
        path="amorti[sz]ed(?!.*actual)",
        row="lower(charge_type) like 'unused%' or (lower(charge_type) = 'usage' and cost <> 0 and coalesce("
        "replace(lower(pricing_model), ' ', '') in ('reservation', 'savingsplan'), reservation_id is not null))",
    ),
    columns=(
        # Whom the bill is made out to: the profile of a customer agreement, else the account, else the subscription.
        column("account", "BillingProfileId", *ACCOUNTS, *SUBSCRIPTIONS),
        column("bill_month", "BillingPeriodStartDate", *DATES, kind="month"),
        column("charge_day", *DATES, kind="time", must=True),
        column("billing_account_id", *ACCOUNTS),
        column("billing_period_start", "BillingPeriodStartDate", kind="time"),
        column("invoice_id", "InvoiceId"),
        column("invoice_section", "InvoiceSectionName", "InvoiceSection", "DepartmentName"),
        column("subscription_id", *SUBSCRIPTIONS),
        column("resource_group", "ResourceGroup", "ResourceGroupName"),
        column("resource_id", "ResourceId", "InstanceId", "InstanceName"),
        column("resource_location", "ResourceLocation", "Location"),
        column("consumed_service", "ConsumedService"),
        column("meter_id", "MeterId"),
        column("meter_category", "MeterCategory"),
        column("meter_sub_category", "MeterSubCategory"),
        column("meter_name", "MeterName"),
        column("product", "ProductName", "Product"),
        column("product_id", "ProductId", "PartNumber"),
        column("publisher_type", "PublisherType"),
        column("publisher_name", "PublisherName"),
        column("partner_name", "PartnerName"),
        column("charge_type", "ChargeType"),
        column("frequency", "Frequency"),
        column("pricing_model", "PricingModel"),
        column("reservation_id", "ReservationId"),
        column("benefit_id", "BenefitId"),
        column("cost_center", "CostCenter"),
        column("currency", "BillingCurrency", "BillingCurrencyCode", "Currency"),
        column("pricing_currency", "PricingCurrency"),
        number("quantity", "Quantity", "UsageQuantity", "ConsumedQuantity"),
        column("unit", "UnitOfMeasure", "Unit"),
        Column("tags", "tags"),
        number("cost", "CostInBillingCurrency", "PreTaxCost", "Cost", "ExtendedCost", must=True),
        number("cost_in_usd", "CostInUsd"),
        number("list_cost", "PaygCostInBillingCurrency"),
        number("effective_price", "EffectivePrice", "ResourceRate", "Rate"),
        number("unit_price", "UnitPrice"),
        number("list_price", "PayGPrice", "PayAsYouGoPrice"),
        number("exchange_rate", "ExchangeRatePricingToBilling"),
    ),
)
