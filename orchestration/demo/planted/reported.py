"""Hard things in the vendors' own reports."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

from orchestration.demo.files.vendor_reports import Page, Report, last_reported_day
from orchestration.demo.prices import plain
from orchestration.demo.scene import Delivery, Plant, Scene


class _ReportPlant(Plant):
    """A hard thing in the pages of the vendors' reports."""

    def reports(self) -> list[Report]:
        return [files for files in self.scene.files.values() if isinstance(files, Report)]


class EmptyDay(_ReportPlant):
    id = "empty_day"
    what = "buckets without a result: the vendor has nothing of the day yet; none is missing, its usage is accrued"

    def land(self) -> None:
        for report in self.reports():
            for page in report.pages:
                for bucket in page.records:
                    if not bucket["results"] and report.day(bucket) > last_reported_day(self.scene.end):
                        self.amounts["day"] = f"{report.day(bucket)}"
                        self.count({"buckets": 1})
                        self.files.append(page.path)


class PageFetchedTwice(_ReportPlant):
    id = "page_fetched_twice"
    what = "a page that was fetched again five minutes later, alike but for its cursor: each bucket counts once"

    def land(self) -> None:
        for report in self.reports():
            if report.source in ("openai_costs", "anthropic_usage") and report.pages:
                page = report.pages[-1]
                again = replace(page, path=page.path.replace("T0600/", "T0605/"), next_page="page_2")
                report.fetched(again)
                self.files.append(again.path)
                self.count({"rows": again.rows})


class GrownBucket(_ReportPlant):
    id = "grown_bucket"
    what = "buckets fetched while the vendor's figures of the late evening were still to come, and again when they had"

    def land(self) -> None:
        for report in self.reports():
            sizes: defaultdict[tuple[str, date], list[Decimal]] = defaultdict(list)
            for page in report.pages:
                for bucket in page.records:
                    at = report.day(bucket)
                    sizes[page.endpoint, at].append(sum((report.size(r) for r in bucket["results"]), Decimal(0)))
            for (endpoint, day), found in sizes.items():
                if found[0] < found[-1]:
                    self.amounts[f"{report.source} {endpoint} {day}"] = {
                        "first": plain(found[0]),
                        "last": plain(found[-1]),
                    }

    def answer(self) -> dict:
        return {**super().answer(), "note": "tokens in reports of usage, USD in reports of cost"}


class MissingBucket(_ReportPlant):
    id = "missing_bucket"
    what = "a day that a report lacks between others: it is named, its usage accrued where no book shows its cost"
    lacking = ("openai_usage/completions", "anthropic_cost/cost_report")

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.day = scene.days[len(scene.days) * 3 // 4]

    def deliver(self, delivery: Delivery) -> None:
        if not isinstance(delivery, Page) or f"{delivery.source}/{delivery.endpoint}" not in self.lacking:
            return
        report = self.scene.files[delivery.source]
        others = [bucket for bucket in delivery.records if report.day(bucket) != self.day]
        if others != delivery.records:
            self.amounts["day"] = f"{self.day}"
            self.count({"buckets": len(delivery.records) - len(others)})
            self.files.append(delivery.path)
            delivery.records = others


class CentsNotDollars(_ReportPlant):
    id = "cents_not_dollars"
    what = "a cost report whose amounts are in cents, beside one in dollars"

    def land(self) -> None:
        results = [one for results in self.scene.files["anthropic_cost"].newest().values() for one in results]
        cents = sum((Decimal(one["amount"]) for one in results), Decimal(0))
        self.amounts = {"cents": plain(cents), "usd": plain(cents / 100)}
