"""What bills and reports say otherwise than the logs do, one class a cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

import numpy as np

from orchestration.demo.calls import Calls, concat, day_number, random_ids
from orchestration.demo.company import GATEWAY, MODEL_NO, MODELS
from orchestration.demo.files import aws_bill
from orchestration.demo.files.aws_bill import NEGOTIATED, BillMonth
from orchestration.demo.files.price_map import PriceMap
from orchestration.demo.files.vendor_reports import Page
from orchestration.demo.planted.some_days import SomeDays
from orchestration.demo.prices import CLASSES, PICO, plain, unit_prices, usd
from orchestration.demo.scene import Delivery, Plant, Scene, midnight

HAIKU = MODEL_NO["bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0"]
_COUNTS = ("input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "completion", "reasoning")
NOVA_LITE, NOVA_PRO = MODEL_NO["bedrock", "amazon.nova-lite-v1:0"], MODEL_NO["bedrock", "us.amazon.nova-pro-v1:0"]


class NegotiatedPrice(Plant):
    id = "negotiated_price"
    what = "Bedrock bills 95 % of its public price, and shows both"

    def see(self, day: date, calls: Calls) -> None:
        is_its = np.array([m.provider == "bedrock" for m in MODELS])[calls.model]
        self.differ_by("contract_discount", calls.take(is_its), times=NEGOTIATED - 1)


class _Mislogged(SomeDays):
    """What the logs tell otherwise of a day, or if that has no such calls, of the next that has."""

    cause: ClassVar[str]
    paid: ClassVar[Decimal] = NEGOTIATED  # what the vendor charges of its public price

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.is_done = False

    def know(self, day: date, calls: Calls) -> Calls:
        is_its = calls.logged_in(GATEWAY) & (calls.event_day == day_number(day))
        if self.is_done or day < self.days[0] or not (told := self.told(day, calls, is_its)):
            return calls
        self.is_done = True
        rows, logged = told
        self.amounts = {"days": [f"{day}"], "calls": len(logged)}
        self.differ_by(self.cause, calls.take(rows), logged, self.paid)
        return concat([calls.take(~rows), logged]).in_order()

    def told(self, day: date, calls: Calls, is_its: np.ndarray) -> tuple[np.ndarray, Calls] | None:
        """Which calls (of those that are `is_its`) the logs tell otherwise, and what they tell instead."""
        raise NotImplementedError


class LoggedTwice(_Mislogged):
    id = "logged_twice"
    what = "calls that the gateway logged again under other ids: the vendor counts them once"
    cause, part = "duplicate_log", 2

    def told(self, day: date, calls: Calls, is_its: np.ndarray) -> tuple[np.ndarray, Calls] | None:
        is_its &= np.array([m.provider == "bedrock" for m in MODELS])[calls.model]
        is_its &= ~calls.is_traced & ~calls.is_failure & (np.cumsum(is_its) % 2 == 0)
        again = calls.take(is_its)
        again = replace(again, id=random_ids(self.rng(day), len(again)))
        return (is_its, concat([calls.take(is_its), again])) if is_its.any() else None


class LoggedAsAnotherModel(_Mislogged):
    id = "logged_as_another_model"
    what = "calls that the gateway logged under the name of a dearer model than the one that answered"
    cause, part = "model_mapping", 6

    def told(self, day: date, calls: Calls, is_its: np.ndarray) -> tuple[np.ndarray, Calls] | None:
        is_lite = is_its & (calls.model == NOVA_LITE) & ~calls.is_failure
        rows = is_lite & (np.cumsum(is_lite) % 2 == 0)
        # The bill has lines of both.
        if not rows.any() or not (is_its & (calls.model == NOVA_PRO) & ~calls.is_failure).any():
            return None
        logged = calls.take(rows)
        return rows, replace(logged, model=np.full_like(logged.model, NOVA_PRO)).priced()


class CacheReadsNotLogged(_Mislogged):
    id = "cache_reads_not_logged"
    what = "calls whose log counts as ordinary input what the vendor read from its cache"
    cause, part = "cache_semantics", 5

    def told(self, day: date, calls: Calls, is_its: np.ndarray) -> tuple[np.ndarray, Calls] | None:
        rows = is_its & (calls.model == HAIKU) & (calls.cache_read > 0)
        logged = calls.take(rows)
        if len(logged) < 3:
            return None
        uncached = logged.input_uncached + logged.cache_read
        return rows, replace(logged, input_uncached=uncached, cache_read=logged.cache_read * 0).priced()


class LoggedInThousands(_Mislogged):
    id = "logged_in_thousands"
    what = "calls whose log counts thousands of tokens where the bill counts tokens"
    cause, part, paid = "unit_error", 7, Decimal(1)

    def told(self, day: date, calls: Calls, is_its: np.ndarray) -> tuple[np.ndarray, Calls] | None:
        rows = is_its & (calls.model == MODEL_NO["vertex_ai", "gemini-2.5-pro"]) & (calls.prompt > 0)
        true = calls.take(rows)
        told = {name: (getattr(true, name) + 500) // 1000 for name in _COUNTS}
        told["reasoning"] = np.minimum(told["reasoning"], told["completion"])
        # Something is left of each class, and all calls have the price of a small request.
        is_told = all(told[name].any() for name in _COUNTS if getattr(true, name).any())
        if not rows.any() or not is_told or true.prompt.max() > 200_000:
            return None
        return rows, replace(true, **told).priced()


class OtherTimeZone(Plant):
    id = "other_time_zone"
    what = "usage of a month's last evening that Bedrock's bill shows on the first day of the next month"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.days = (scene.months[-1] - timedelta(days=1), scene.months[-1])

    def deliver(self, delivery: Delivery) -> None:
        if not isinstance(delivery, BillMonth) or not delivery.is_newest:
            return
        for day, sign in zip(self.days, (-1, 1), strict=True):
            if day in delivery.days:
                self.amounts["days"] = [f"{day}" for day in self.days]
                for token_class, moved in self._moved().items():
                    self._move(delivery, day, token_class, sign * moved)

    def _moved(self) -> dict[str, int]:
        """A fifth of the first day's tokens, of each class of which the bill has a line on both days."""
        is_billed = self.days[0] in self.scene.days and self.days[1] <= aws_bill.last_billed_day(self.scene.end)
        both = [self._tokens(day) for day in self.days] if is_billed else [{}]
        return {name: count // 5 for name, count in both[0].items() if count >= 5 and both[1][name]}

    def _tokens(self, day: date) -> dict[str, int]:
        used = [u.tokens for (_, model, _), u in self.scene.usage.of_day(day, "bedrock").items() if model == HAIKU]
        return dict(zip(CLASSES, map(sum, zip(*used, strict=True)), strict=False)) or dict.fromkeys(CLASSES, 0)

    def _move(self, month: BillMonth, day: date, token_class: str, tokens: int) -> None:
        counted = self._tokens(day)[token_class]
        [line] = [
            line
            for line in month.records
            if line["ConsumedQuantity"] == f"{counted}"
            and line["ChargePeriodStart"] == midnight(day)
            and MODELS[HAIKU].name in line["ChargeDescription"]
        ]
        month.records.remove(line)
        aws_bill.add_tokens(month, day, HAIKU, token_class, counted + tokens)
        price = unit_prices(HAIKU, day)[token_class][0][1] * PICO * NEGOTIATED
        self.differ("day_boundary", "bedrock", day, tokens * price)


class _Rebilled(SomeDays):
    """What a vendor's report of costs says otherwise of one model; `amounts` holds how many USD more by day."""

    source: ClassVar[str] = "openai_costs"
    cause: ClassVar[str]
    model: ClassVar[str]

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._by_day: dict[date, Decimal] = {}

    def deliver(self, delivery: Delivery) -> None:
        """What was fetched last counts."""
        if not isinstance(delivery, Page) or delivery.source != self.source:
            return
        report = self.scene.files[self.source]
        for bucket in delivery.records:
            if (day := report.day(bucket)) in self.days:
                before = sum(map(report.size, bucket["results"]), Decimal(0))
                bucket["results"] = [new for one in bucket["results"] for new in self._changed(one)]
                self._by_day[day] = sum(map(report.size, bucket["results"]), Decimal(0)) - before

    def _changed(self, result: dict) -> list[dict]:
        name = result.get("model") or result["line_item"].partition(",")[0]
        return self.changed(result) if name == self.model else [result]

    def changed(self, result: dict) -> list[dict]:
        """What the report has in place of one of the model's results."""
        raise NotImplementedError

    def land(self) -> None:
        self.amounts["days"] = {f"{day}": plain(amount) for day, amount in self._by_day.items() if amount}
        for day, amount in self._by_day.items():
            self.differ(self.cause, self.scene.files[self.source].vendor, day, amount, self.source)


def _times(result: dict, times: Decimal) -> dict:
    """An OpenAI cost of `times` as much."""
    value = float(Decimal(repr(result["amount"]["value"])) * times)
    return result | {"amount": result["amount"] | {"value": value}}


class BilledAsBatch(_Rebilled):
    id = "billed_as_batch"
    what = "calls that the logs have in the standard tier; the vendor reports a batch, and bills half"
    cause, part, length, model = "tier_or_batch", 9, 3, "o4-mini-2025-04-16"

    def deliver(self, delivery: Delivery) -> None:
        super().deliver(delivery)
        if isinstance(delivery, Page) and delivery.source == "openai_usage":
            report = self.scene.files[delivery.source]
            for bucket in (bucket for bucket in delivery.records if report.day(bucket) in self.days):
                for result in (result for result in bucket["results"] if result["model"] == self.model):
                    result["batch"] = True

    def changed(self, result: dict) -> list[dict]:
        return [_times(result, Decimal("0.5"))]


class BilledByRegion(_Rebilled):
    id = "billed_by_region"
    what = "calls that stayed in the United States: the vendor says so, and charges a tenth more"
    source = "anthropic_cost"
    cause, part, length, model = "region", 13, 4, "claude-opus-5"

    def changed(self, result: dict) -> list[dict]:
        amount = plain(Decimal(result["amount"]) * Decimal("1.1"))
        return [result | {"amount": amount, "inference_geo": "us"}]


class BilledAtOldPrice(_Rebilled):
    id = "billed_at_old_price"
    what = "usage billed at the price that had ended on 2026-08-21"
    cause, part, model = "price_drift", 11, "gpt-5.6-sol"

    def changed(self, result: dict) -> list[dict]:
        items = self.scene.files[self.source].items
        token_class = next(name for name, item in items.items() if result["line_item"].endswith(f", {item}"))
        before = unit_prices(MODEL_NO["openai", self.model], date(2026, 8, 20))[token_class][0][1]
        return [result | {"amount": result["amount"] | {"value": float(before * result["quantity"] * PICO)}}]


class CentsBilledAsDollars(_Rebilled):
    id = "cents_billed_as_dollars"
    what = "costs of one day in cents, in a report that is in dollars"
    cause, part, model = "unit_error", 10, "gpt-4.1-mini-2025-04-14"

    def changed(self, result: dict) -> list[dict]:
        return [_times(result, Decimal(100))]


class LeftOutOfCosts(_Rebilled):
    id = "left_out_of_costs"
    what = "a model's usage of one day that the vendor's report of usage has and its report of costs leaves out"
    cause, part, model = "report_scope", 8, "gpt-5.6-sol"

    def changed(self, result: dict) -> list[dict]:
        return []


class CodeInterpreter(_Rebilled):
    id = "code_interpreter"
    what = "sessions of a tool, which no log of calls counts, beside the tokens in a report of costs"
    cause, part, model = "non_token_meter", 4, "o4-mini-2025-04-16"

    def changed(self, result: dict) -> list[dict]:
        """Forty sessions beside each of the model's lines."""
        session = {name: value for name, value in result.items() if name != "quantity"}
        amount = {"value": 40 * 0.03, "currency": "usd"}
        return [result, session | {"line_item": "code interpreter session", "amount": amount}]


class MarketplaceFee(Plant):
    id = "marketplace_fee"
    what = "a fee of the cloud's marketplace, as a line of its own in the bill"

    def deliver(self, delivery: Delivery) -> None:
        if isinstance(delivery, BillMonth):
            fee = Decimal("4.20") * delivery.scale
            what = "Marketplace fee of private offers"
            delivery.add("AWS Marketplace", what, fee, ServiceCategory="Other", ChargeFrequency="Recurring")
            delivery.causes[what] = "marketplace_fee"
            if delivery.is_newest:
                self.amounts[f"{delivery.start:%Y-%m}"] = plain(fee)
                self.files.append(delivery.path)


class SpendMinimum(Plant):
    id = "spend_minimum"
    what = "a line of an invoice for what was spent too little of a minimum"

    def deliver(self, delivery: Delivery) -> None:
        if delivery.path.startswith("invoices/lumenlog"):
            amount, service = Decimal("6.35") * self.scene.scale, "Shortfall of the monthly minimum"
            used = ("quantity", "unit")
            last = {name: value for name, value in delivery.records[-1].items() if name not in used}
            number = len(delivery.records) + 1
            delivery.records.append(
                last | {"line": number, "service": service, "category": "observability", "amount": amount}
            )
            delivery.causes[service] = "minimum_or_shortfall"
            self.amounts[delivery.path] = plain(amount)
            self.files.append(delivery.path)


class ConversionFee(Plant):
    id = "conversion_fee"
    what = "a line of an invoice in euros for what the vendor loses by converting dollars"

    def deliver(self, delivery: Delivery) -> None:
        if delivery.path.startswith("invoices/gradewell"):
            amount, service = Decimal("0.45") * self.scene.scale, "Currency conversion"
            line = {name: value for name, value in delivery.records[0].items() if name not in ("quantity", "unit")}
            number = len(delivery.records) + 1
            delivery.records.append(line | {"line": number, "service": service, "amount": amount})
            delivery.causes[service] = "fx"
            self.amounts[delivery.path] = plain(amount)
            self.files.append(delivery.path)


class CataloguesDisagree(Plant):
    id = "catalogues_disagree"
    what = "a price of output in LiteLLM's map that is that of the model's predecessor: the price library's counts"
    model, meter, name = MODEL_NO["anthropic", "claude-haiku-4-5-20251001"], "output", "output_cost_per_token"
    told = Decimal("0.000004")

    def deliver(self, delivery: Delivery) -> None:
        if isinstance(delivery, PriceMap):
            [entry] = [entry for entry in delivery.records if entry["model"] == MODELS[self.model].name]
            entry[self.name] = float(self.told)
            self.files.append(delivery.path)

    def answer(self) -> dict:
        """What the price drift is, by month."""
        tokens = self.scene.totals.tokens(self.model, self.meter) if self.files else {}
        [(_, price)] = unit_prices(self.model, self.scene.end)[self.meter]
        self.amounts = {
            "provider": MODELS[self.model].provider,
            "model": MODELS[self.model].name,
            "meter": self.meter,
            "by_month": {
                month: {
                    "quantity": count,
                    "genai_prices_cost_usd": usd(count * price),
                    "litellm_cost_usd": plain(count * self.told),
                }
                for month, count in tokens.items()
                if count
            },
        }
        return super().answer()
