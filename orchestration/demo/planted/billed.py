"""Hard things in bills: what stands twice, comes anew, or is money that another book shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np

from orchestration.demo.calls import DAY_US, Calls, concat, day_number
from orchestration.demo.company import MODEL_NO, MODELS, WORKFLOWS, usd_per_unit
from orchestration.demo.files import aws_bill
from orchestration.demo.files.aws_bill import BillMonth
from orchestration.demo.files.invoices import SENT_AFTER_DAYS, cents
from orchestration.demo.files.seats import seats_cost
from orchestration.demo.ledger import Balance, Capacity
from orchestration.demo.prices import PICO, plain, unit_prices, usd
from orchestration.demo.scene import Delivery, Plant, Scene, Table, exported_at
from orchestration.demo.truth import day_of

_DAYS_KEPT = 5  # more than the bill is late


class _AwsBillPlant(Plant):
    """A hard thing that lies in the cloud bill's newest deliveries; `amounts` by month."""

    def deliver(self, delivery: Delivery) -> None:
        if not isinstance(delivery, BillMonth):
            return
        before = len(delivery.records)
        self.of_month(delivery)
        lines = delivery.records[before:]
        if delivery.is_newest:
            sums = {"lines": len(lines), "billed_cost": plain(sum(Decimal(line["BilledCost"]) for line in lines))}
            self.amounts[f"{delivery.start:%Y-%m}"] = sums
            self.files.append(delivery.path)

    def of_month(self, month: BillMonth) -> None:
        """Add its lines."""


class CreditLines(_AwsBillPlant):
    id = "credit_lines"
    what = "negative lines in the bill: a promotional credit on model usage and a service credit for an outage"

    def of_month(self, month: BillMonth) -> None:
        used = sum(Decimal(line["BilledCost"]) for line in month.records if line["ServiceName"] == aws_bill.BEDROCK)
        credit = dict(ChargeCategory="Credit", ChargeFrequency="One-Time")
        month.add(
            aws_bill.BEDROCK,
            "AWS promotional credit",
            (used * Decimal("-0.1")).quantize(Decimal("0.01")),
            ServiceCategory="AI and Machine Learning",
            **credit,
        )
        month.add(
            aws_bill.OPENSEARCH,
            "Service credit for unavailability",
            Decimal("-3.17") * month.scale,
            day=month.days[0],
            ServiceCategory="Databases",
            **credit,
        )


class IdenticalBillLines(_AwsBillPlant):
    id = "identical_bill_lines"
    what = "two charges of one bill that are alike in every column: both are real, both count"

    def of_month(self, month: BillMonth) -> None:
        for _ in range(2):
            aws_bill.add_metered(
                month, month.days[-1], aws_bill.S3, "PUT requests", 14_500, "0.000005", "Requests", "Storage"
            )


class ReplacedSeats(Plant):
    id = "grown_snapshot"
    what = "a month's seats exported again when some had been added: the newer export replaces the older"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._newest: Table | None = None

    def deliver(self, delivery: Delivery) -> None:
        if delivery.source == "licences":
            self._newest = delivery

    def land(self) -> None:
        """The older export is of the last month, the day before the newer."""
        newest = self._newest
        month = newest.records[0]["period_start"]
        path = f"licences/{exported_at(datetime.combine(month - timedelta(days=1), time(4), UTC))}/seats.csv"
        older = [row | {"seats": row["seats"] - 2} for row in newest.records[:-1]]
        files = self.scene.files["licences"]
        files.write(Table("licences", path, older, newest.header))
        files.rows_left_out += len(older)
        self.files += [path, newest.path]
        self.amounts = {
            "rows_replaced": len(older),
            "replaced_cost": plain(sum(row["seats"] * Decimal(row["unit_price"]) for row in older)),
            "cost": plain(sum(row["seats"] * Decimal(row["unit_price"]) for row in newest.records)),
        }


class CorrectedLine(Plant):
    id = "corrected_line"
    what = "a line of a bill that a later one corrects by naming it: both stay, and add up"

    def deliver(self, delivery: Delivery) -> None:
        if delivery.source != "oci_cost":
            return
        wrong = delivery.records[0]
        cost = -(wrong["cost/myCost"] / 4)
        delivery.records.append(
            wrong
            | {
                "lineItem/referenceNo": f"{wrong['lineItem/referenceNo']}-c",
                "usage/billedQuantity": -Decimal(wrong["usage/billedQuantity"]) / 4,
                "cost/myCost": cost,
                "lineItem/isCorrection": "true",
                "lineItem/backreferenceNo": wrong["lineItem/referenceNo"],
            }
        )
        self.amounts[delivery.path] = {"corrected": plain(wrong["cost/myCost"]), "correction": plain(cost)}
        self.files.append(delivery.path)


class IdenticalInvoiceLines(Plant):
    id = "identical_invoice_lines"
    what = "two lines of an invoice that are alike and have no number: both are real, both count"

    def deliver(self, delivery: Delivery) -> None:
        if delivery.path.startswith("invoices/lumenlog"):
            half = delivery.records[0] | {"line": None, "amount": delivery.records[0]["amount"] / 2}
            delivery.records[:1] = [half, dict(half)]
            self.count({"lines": 2})
            self.files.append(delivery.path)
            self.amounts["amount_each"] = plain(half["amount"])


class InvoiceCredit(Plant):
    id = "invoice_credit"
    what = "a credit as a line of its own on an invoice"

    def deliver(self, delivery: Delivery) -> None:
        if delivery.path.startswith("invoices/vectorhaven"):
            credit = Decimal("-2.50") * self.scene.scale
            used = ("quantity", "unit")
            last = {name: value for name, value in delivery.records[0].items() if name not in used}
            line = {"line": len(delivery.records) + 1, "service": "Goodwill", "category": "credit", "amount": credit}
            delivery.records.append(last | line)
            self.count({"lines": 1})
            self.files.append(delivery.path)
            self.amounts["amount_each"] = plain(credit)


class OtherCurrencies(Plant):
    id = "other_currencies"
    what = (
        "invoices in EUR, of which config has rates, and in SEK, of which it has none: that money is in no sum in USD"
    )

    def deliver(self, delivery: Delivery) -> None:
        if not delivery.path.startswith("invoices/") or delivery.records[0]["currency"] == "USD":
            return
        self.files.append(delivery.path)
        for line in delivery.records:
            sums = self.amounts.setdefault(line["currency"], {"lines": 0, "billed_cost": "0", "billed_cost_usd": None})
            sums["lines"] += 1
            sums["billed_cost"] = plain(Decimal(sums["billed_cost"]) + line["amount"])
            if rate := usd_per_unit(line["currency"], line["invoice_date"]):
                sums["billed_cost_usd"] = plain(Decimal(sums["billed_cost_usd"] or 0) + line["amount"] * rate)


class InvoiceBesideCostReport(Plant):
    id = "invoice_beside_cost_report"
    what = "Anthropic's invoice of the last month that was over, beside its cost report: the invoice is the ledger's"

    def land(self) -> None:
        for month in self.scene.closed_months(SENT_AFTER_DAYS)[-1:]:
            usage = self.scene.usage.by_day("anthropic")
            owed = sum(cost for day, (_, _, cost) in usage.items() if day.replace(day=1) == month)
            amount = cents(owed * PICO)
            self.scene.files["invoices"].send(
                "Anthropic", month, "USD", ("Claude API", "model API", amount), tax="0.0625"
            )
            self.files.append(f"invoices/anthropic_{month:%Y-%m}.csv")
            self.amounts = {"month": f"{month:%Y-%m}", "usage": plain(amount), "not_rounded": usd(owed)}
            self.differ("rounding", "anthropic", month, amount - owed * PICO, "invoices")


class PrepaidCredits(Plant):
    id = "prepaid_credits"
    what = "credits bought ahead at OpenAI: a top-up that is used up, and one that expires with half of it unused"

    def land(self) -> None:
        """The lasting one is drawn for seven days, the one that expires for five, then what is left of the first."""
        ledger = self.scene.ledger
        spent = {day: cost for (_, day), cost in ledger.spent("openai").items()}
        if len(spent) < 18:
            return
        bought, topped_up, expires = (min(spent) + timedelta(days=days) for days in (0, 7, 12))
        if topped_up.replace(day=1) not in self.scene.closed_months(SENT_AFTER_DAYS):
            return
        first = cents(Decimal("1.25") * sum(spent.get(day, 0) for day in _days(bought, topped_up)))
        second = cents(2 * sum(spent.get(day, 0) for day in _days(topped_up, expires)))
        ledger.balances += [
            Balance("openai-credits", "openai", first, bought, bought + timedelta(days=365)),
            Balance("openai-top-up", "openai", second, topped_up, expires),
        ]
        for month in sorted({balance.first_day.replace(day=1) for balance in ledger.balances}):
            lines = [
                ("Credit purchase", "prepaid", balance.amount)
                for balance in ledger.balances
                if balance.first_day.replace(day=1) == month
            ]
            self.scene.files["invoices"].send("OpenAI", month, "USD", *lines, tax="0.0625")
            self.files.append(f"invoices/openai_{month:%Y-%m}.csv")
        lost = ledger.lost()
        self.amounts = {
            balance.id: {"bought": plain(balance.amount), "lost": plain(lost[balance])} for balance in ledger.balances
        }


def _days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((end - first).days)]


class ProvisionedThroughput(Plant):
    id = "provisioned_throughput"
    what = (
        "capacity at Vertex AI that is paid by the hour, on the days that no bill shows yet: calls bear what they take "
        "of it, nobody the rest, and what finds no room in the busiest hour costs its tokens"
    )
    model = MODEL_NO["vertex_ai", "gemini-2.5-flash"]

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._calls: list[Calls] = []

    def see(self, day: date, calls: Calls) -> None:
        is_standard = np.array([w.service_tier == "standard" for w in WORKFLOWS])[calls.workflow]
        self._calls.append(calls.take((calls.model == self.model) & is_standard))
        self._calls = self._calls[-_DAYS_KEPT:]

    def land(self) -> None:
        ledger, vendor = self.scene.ledger, MODELS[self.model].provider
        shown = ledger.billed_days(vendor)
        days = [day for day in self.scene.days if shown and day > max(shown)]
        hours = self._hours({day_number(day) for day in days})
        if not hours:
            return
        taken = {hour: sum(tokens for tokens, _ in calls) for hour, calls in hours.items()}
        # Room for half of the busiest hour.
        a_minute = max(1, int(max(taken.values()) / 120))
        hour_cost = Decimal("0.05") * self.scene.scale
        used: defaultdict[date, Decimal] = defaultdict(Decimal)
        list_cost: defaultdict[date, Decimal] = defaultdict(Decimal)
        for (day, _), calls in sorted(hours.items()):
            room = Decimal(60 * a_minute)
            ran: list[tuple[Decimal, int]] = []
            for tokens, cost in calls:
                if sum((one for one, _ in ran), Decimal(0)) < room:
                    ran.append((tokens, cost))
            used[day_of(day)] += hour_cost * min(1, sum((one for one, _ in ran), Decimal(0)) / room)
            list_cost[day_of(day)] += sum(cost for _, cost in ran) * PICO
            priced = [sum(cost > 0 for _, cost in some) for some in (ran, calls)]
            self.count({"calls": priced[0], "spilt_calls": priced[1] - priced[0]})
        amount, end = hour_cost * 24 * len(days), days[-1] + timedelta(days=1)
        name = MODELS[self.model].name
        capacity = Capacity("flash-units", vendor, name, a_minute, amount, days[0], end, used, list_cost)
        ledger.capacities.append(capacity)
        borne = sum(used.values())
        self.amounts |= {"bought": plain(amount), "used": plain(borne), "unused": plain(amount - borne)}

    def _hours(self, days: set[int]) -> dict[tuple[int, int], list[tuple[Decimal, int]]]:
        """Of each day and hour the calls in order: their tokens as a capacity counts them, and their picodollars."""
        found: defaultdict[tuple[int, int], list[tuple[Decimal, int]]] = defaultdict(list)
        if self._calls and len(calls := concat(self._calls).in_order()):
            for day, start, cost in zip(
                calls.event_day.tolist(), calls.start_us.tolist(), calls.cost.tolist(), strict=True
            ):
                if day in days:
                    [(_, input_price)] = unit_prices(self.model, day_of(day))["input_uncached"]
                    tokens = round(Decimal(cost) / input_price, 6)
                    found[day, start % DAY_US // (DAY_US // 24)].append((tokens, cost))
        return found


class SeatsAndInvoice(Plant):
    id = "seats_and_invoice"
    what = "licences as a list of seats and as the vendor's invoice: where there is an invoice, it is the ledger's"

    def land(self) -> None:
        for month in self.scene.closed_months(SENT_AFTER_DAYS):
            amount = seats_cost("Draftwise")
            self.scene.files["invoices"].send("Draftwise", month, "USD", ("Seats", "subscription", amount))
            self.files.append(f"invoices/draftwise_{month:%Y-%m}.csv")
            self.count({"invoices": 1})
            self.amounts["amount_each"] = plain(amount)


class RevisedBudgets(Plant):
    id = "revised_budgets"
    what = "budgets that a later row of the same id and month replaces"

    def deliver(self, delivery: Delivery) -> None:
        if delivery.source != "budgets":
            return
        for budget in delivery.records[::7]:
            delivery.records.insert(delivery.records.index(budget), budget | {"amount": "1.00"})
            self.count({"rows": 1})
            self.scene.files["budgets"].rows_left_out += 1
        self.files.append(delivery.path)


class PromotionalCredit(Plant):
    id = "promotional_credit"
    what = "a credit inside a line of Google Cloud's export: what is billed is the cost and its credits"

    def deliver(self, delivery: Delivery) -> None:
        if delivery.source == "gcp_billing":
            line = max(delivery.records, key=lambda line: line["cost"])
            line["credits"] = [{"name": "Trial", "amount": -line["cost"] / 4, "type": "PROMOTION"}]
            self.amounts[delivery.path] = {"cost": line["cost"], "credit": line["credits"][0]["amount"]}
            day = date.fromisoformat(line["usage_start_time"][:10])
            credit = Decimal(repr(line["credits"][0]["amount"]))
            self.differ("promotional_credit", "vertex_ai", day, credit, "gcp_billing")
            self.files.append(delivery.path)


class TwoEditions(Plant):
    id = "two_editions"
    what = "Azure's bill as actual and as amortised costs, alike but for how a price is written: the money counts once"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._exports: list[Delivery] = []

    def deliver(self, delivery: Delivery) -> None:
        if delivery.source == "azure_cost":
            self._exports.append(delivery)

    def land(self) -> None:
        files = self.scene.files["azure_cost"]
        for export in self._exports:
            lines = [line | {"EffectivePrice": f"{line['EffectivePrice']:.12f}"} for line in export.records]
            amortised = replace(export, path=export.path.replace("actual", "amortized"), records=lines)
            files.write(amortised)
            files.rows_left_out += amortised.rows
            self.count({"lines": amortised.rows})
            self.files += [export.path, amortised.path]
