"""Other vendors' invoices, flat: what they sent for each month that was over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import ClassVar

from orchestration.demo.ledger import Charge
from orchestration.demo.scene import Files, Table, next_month

HEADER = tuple("vendor invoice_id line period invoice_date service quantity unit amount currency category tags".split())
SENT_AFTER_DAYS = 2
_CATEGORIES = {"tax": "Tax", "credit": "Credit", "subscription": "Purchase", "prepaid": "Purchase"}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


class Invoices(Files):
    """A file for each invoice."""

    source: ClassVar[str] = "invoices"
    own: ClassVar[str] = r"[a-z]+_\d{4}-\d\d\.csv"

    def land(self) -> None:
        for month in self.scene.closed_months(SENT_AFTER_DAYS):
            calls = self.scene.totals.calls_by_workflow(f"{month:%Y-%m}")
            scale, every, runs = self.scene.scale, sum(calls.values()), calls["evaluation"]
            reads, tags = calls["rag_assistant"] + calls["search"], {"team": "search"}
            self.send(
                "Vectorhaven",
                month,
                "USD",
                ("Reads", "vector database", cents(reads * Decimal("0.0007")), reads, "reads", tags),
                ("Storage", "vector database", Decimal("14.00") * scale, 40 * scale, "GB-months", tags),
                tax="0.0625",
            )
            self.send(
                "Lumenlog",
                month,
                "USD",
                ("Host", "observability", Decimal("15.00") * scale, 1, "hosts"),
                ("Events", "observability", cents(every * Decimal("0.0002")), every, "events"),
                tax="0.0625",
            )
            self.send(
                "Gradewell",
                month,
                "EUR",
                ("Evaluations", "evaluation", cents(runs * Decimal("0.004")), runs, "runs", {"team": "ml_platform"}),
                tax="0.19",
            )
            self.send("Nordtolk", month, "SEK", ("Glossaries", "translation", Decimal("95.00") * scale), tax="0.25")

    def send(self, vendor: str, month: date, currency: str, *bought: tuple, tax: str = "0") -> None:
        """Land an invoice of what was `bought` (service, category, amount, quantity, unit, tags), and its tax."""
        lines = [self.line(vendor, month, currency, number, *what) for number, what in enumerate(bought, start=1)]
        if owed := cents(sum(line["amount"] for line in lines) * Decimal(tax)):
            lines.append(self.line(vendor, month, currency, len(lines) + 1, "Tax", "tax", owed))
        invoice = Table(self.source, f"invoices/{vendor.lower()}_{month:%Y-%m}.csv", lines, HEADER)
        self.deliver(invoice)
        self.scene.ledger.add(_charge(line, month, invoice.causes.get(line["service"])) for line in invoice.records)

    def line(
        self,
        vendor: str,
        month: date,
        currency: str,
        number: int,
        service: str,
        category: str,
        amount: Decimal,
        quantity: int | None = None,
        unit: str | None = None,
        tags: dict | None = None,
    ) -> dict:
        return {
            "vendor": vendor,
            "invoice_id": f"{vendor[:2].upper()}-{month:%Y%m}",
            "line": number,
            "period": f"{month:%Y-%m}",
            "invoice_date": next_month(month) + timedelta(days=SENT_AFTER_DAYS - 1),
            "service": service,
            "quantity": quantity,
            "unit": unit,
            "amount": amount,
            "currency": currency,
            "category": category,
            "tags": tags,
        }


def _charge(line: dict, month: date, cause: str | None) -> Charge:
    is_ahead = line["category"] == "prepaid"
    return Charge(
        "invoices",
        "invoice",
        line["vendor"].lower(),
        _CATEGORIES.get(line["category"], "Usage"),
        month,
        next_month(month) - timedelta(days=1),
        billed_cost=line["amount"],
        effective_cost=Decimal(0) if is_ahead else line["amount"],
        currency=line["currency"],
        cause="prepaid_or_commitment" if is_ahead else cause,
        is_ahead=is_ahead,
        written=line["invoice_date"],
    )
