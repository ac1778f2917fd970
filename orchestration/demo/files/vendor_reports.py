"""The vendors' own view: pages of OpenAI's and Anthropic's usage and cost reports, a bucket a UTC day.

They tell of all that happened, also of calls that no log has. A report is fetched on the first of each month and on the
last day. In the morning, the last bucket still lacks what came late the evening before: the next fetch begins with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

from orchestration.demo.company import MODELS
from orchestration.demo.ledger import Charge
from orchestration.demo.prices import CLASSES, PICO, plain
from orchestration.demo.scene import Delivery, Files, Scene, json_text, midnight
from orchestration.demo.truth import Used

LAG_DAYS = 3  # what the vendors tell of the last days is still to come


@dataclass(frozen=True)
class Fetch:
    """One fetch of a report: the days whose buckets it holds; `cut` is the one of them that is not complete yet."""

    at: datetime
    days: tuple[date, ...]
    cut: date | None = None

    @property
    def folder(self) -> str:
        return f"fetched_at={self.at:%Y-%m-%dT%H%M}"


def last_reported_day(end: date) -> date:
    return end - timedelta(days=LAG_DAYS)


def fetches(days: list[date]) -> list[Fetch]:
    """The last one ends with the bucket of a day of which the vendor has nothing yet."""
    end, shown = days[-1], [day for day in days if day <= last_reported_day(days[-1])]
    if not shown:
        return []
    result, since = [], shown[0]
    for first in sorted({day for day in days[1:] if day.day == 1 and day - timedelta(days=1) <= shown[-1]}):
        before = first - timedelta(days=1)
        result.append(Fetch(_morning(first), tuple(day for day in shown if since <= day <= before), cut=before))
        since = before
    rest = [day for day in shown if day >= since]
    return [*result, Fetch(_morning(end), (*rest, rest[-1] + timedelta(days=1)))]


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(6), UTC)


@dataclass
class Page(Delivery):
    """A page of a report; the rows are the results of its buckets."""

    next_page: str | None = None

    @property
    def endpoint(self) -> str:
        return self.path.rsplit("/", 1)[1].removesuffix(".json")

    @property
    def rows(self) -> int:
        return sum(len(bucket["results"]) for bucket in self.records)

    def content(self) -> str:
        kind = {"object": "page"} if "object" in self.records[0] else {}
        return (
            json_text(
                {**kind, "data": self.records, "has_more": self.next_page is not None, "next_page": self.next_page}
            )
            + "\n"
        )


class Report(Files):
    """What one vendor reports; each subclass says how it writes the results of a day."""

    own: ClassVar[str] = r"fetched_at=[^/]*/[a-z_]+\.json"
    vendor: ClassVar[str]
    endpoints: ClassVar[tuple[str, ...]]  # the files of a fetch

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.pages: list[tuple[datetime, Page]] = []

    def land(self) -> None:
        for fetch in fetches(self.scene.days):
            for endpoint in self.endpoints:
                buckets = [self.bucket(day, self._results(endpoint, day, fetch)) for day in fetch.days]
                page = Page(self.source, f"{self.source}/{fetch.folder}/{endpoint}.json", buckets)
                for plant in self.scene.plants:
                    plant.deliver(page)
                self.fetched(page)
        self.scene.ledger.add(
            charge
            for (_, day), results in self.newest().items()
            for result in results
            for charge in self.charges(day, result)
        )

    def fetched(self, page: Page) -> None:
        """Land a page as it is."""
        self.write(page)
        self.pages.append(page)
        self.rows_left_out = sum(page.rows for page in self.pages) - sum(map(len, self.newest().values()))

    def newest(self) -> dict[tuple[str, date], list[dict]]:
        """The results of each endpoint's day, by the newest fetch."""
        found: dict[tuple[str, date], list[dict]] = {}
        for page in sorted(self.pages, key=lambda page: page.path):
            found |= {(page.endpoint, self.day(bucket)): bucket["results"] for bucket in page.records}
        return found

    def _results(self, endpoint: str, day: date, fetch: Fetch) -> list[dict]:
        used = self.scene.usage.of_day(day, self.vendor, is_cut=day == fetch.cut)
        is_reported = day <= last_reported_day(self.scene.end)
        return [
            result
            for (access, model, is_long), sums in used.items()
            if is_reported and sum(sums.tokens)
            for result in self.results(endpoint, access, model, is_long, sums)
        ]

    def bucket(self, day: date, results: list[dict]) -> dict:
        raise NotImplementedError

    def day(self, bucket: dict) -> date:
        raise NotImplementedError

    def results(self, endpoint: str, access: str, model: int, is_long: bool, used: Used) -> Iterator[dict]:
        """What the report tells of one day's usage of one model by one access."""
        raise NotImplementedError

    def charges(self, day: date, result: dict) -> Iterator[Charge]:
        """What a result costs; nothing in a report of usage."""
        return iter(())

    def size(self, result: dict) -> Decimal:
        """Its money, or where it has none its tokens."""
        raise NotImplementedError

    def charge(self, day: date, amount: Decimal) -> Charge:
        return Charge(
            self.source, "cost_report", self.vendor, "Usage", day, day, billed_cost=amount, effective_cost=amount
        )


def _hashed(access: str) -> str:
    return sha256(access.encode()).hexdigest()[:20]


class _OpenAI(Report):
    vendor = "openai"

    def bucket(self, day: date, results: list[dict]) -> dict:
        start = int(datetime.combine(day, time(0), UTC).timestamp())
        return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": results}

    def day(self, bucket: dict) -> date:
        return datetime.fromtimestamp(bucket["start_time"], UTC).date()


class OpenAIUsage(_OpenAI):
    """Cached tokens lie in the input, reasoning in the output."""

    source: ClassVar[str] = "openai_usage"
    endpoints = ("completions", "embeddings")

    def results(self, endpoint: str, access: str, model: int, is_long: bool, used: Used) -> Iterator[dict]:
        if MODELS[model].is_embedding != (endpoint == "embeddings"):
            return
        tokens = dict(zip(CLASSES, used.tokens, strict=True))
        result = {
            "object": f"organization.usage.{endpoint}.result",
            "input_tokens": sum(used.tokens) - tokens["output"],
            "num_model_requests": used.calls,
            "project_id": f"proj_{access}",
            "user_id": None,
            "api_key_id": f"key_{_hashed(access)}",
            "model": MODELS[model].name,
        }
        if endpoint == "completions":
            result |= {
                "output_tokens": tokens["output"],
                "input_cached_tokens": tokens["cache_read"],
                "input_audio_tokens": 0,
                "output_audio_tokens": 0,
                "batch": False,
                "service_tier": "default",
            }
        yield result

    def size(self, result: dict) -> Decimal:
        return Decimal(result["input_tokens"] + result.get("output_tokens", 0))


class OpenAICosts(_OpenAI):
    """In dollars, as binary floats."""

    source: ClassVar[str] = "openai_costs"
    endpoints = ("costs",)
    items: ClassVar[dict[str, str]] = {"input_uncached": "input", "cache_read": "cached input", "output": "output"}

    def results(self, endpoint: str, access: str, model: int, is_long: bool, used: Used) -> Iterator[dict]:
        for token_class, tokens, cost in zip(CLASSES, used.tokens, used.costs, strict=True):
            if cost:
                yield {
                    "object": "organization.costs.result",
                    "amount": {"value": float(cost * PICO), "currency": "usd"},
                    "line_item": f"{MODELS[model].name}, {self.items[token_class]}",
                    "project_id": f"proj_{access}",
                    "organization_id": "org-tallowmere",
                    "quantity": tokens,
                }

    def charges(self, day: date, result: dict) -> Iterator[Charge]:
        yield self.charge(day, self.size(result))

    def size(self, result: dict) -> Decimal:
        return Decimal(repr(result["amount"]["value"]))


class _Anthropic(Report):
    vendor = "anthropic"

    def bucket(self, day: date, results: list[dict]) -> dict:
        return {
            "starting_at": midnight(day),
            "ending_at": midnight(day + timedelta(days=1)),
            "results": results,
        }

    def day(self, bucket: dict) -> date:
        return date.fromisoformat(bucket["starting_at"][:10])


def _context(is_long: bool) -> str:
    return "200k-1M" if is_long else "0-200k"


class AnthropicUsage(_Anthropic):
    """Cache reads and writes lie beside the input."""

    source: ClassVar[str] = "anthropic_usage"
    endpoints = ("messages",)

    def results(self, endpoint: str, access: str, model: int, is_long: bool, used: Used) -> Iterator[dict]:
        tokens = dict(zip(CLASSES, used.tokens, strict=True))
        yield {
            "uncached_input_tokens": tokens["input_uncached"],
            "cache_creation": {
                "ephemeral_5m_input_tokens": tokens["cache_write_5m"],
                "ephemeral_1h_input_tokens": tokens["cache_write_1h"],
            },
            "cache_read_input_tokens": tokens["cache_read"],
            "output_tokens": tokens["output"],
            "server_tool_use": {"web_search_requests": 0},
            "api_key_id": f"apikey_{_hashed(access)}",
            "workspace_id": f"wrkspc_{access}",
            "model": MODELS[model].name,
            "service_tier": "standard",
            "context_window": _context(is_long),
            "inference_geo": "global",
        }

    def size(self, result: dict) -> Decimal:
        written = sum(result["cache_creation"].values())
        names = ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens")
        return Decimal(written + sum(result[name] for name in names))


class AnthropicCost(_Anthropic):
    """In cents, as texts."""

    source: ClassVar[str] = "anthropic_cost"
    endpoints = ("cost_report",)
    _types: ClassVar[dict[str, str]] = {
        "input_uncached": "uncached_input_tokens",
        "cache_read": "cache_read_input_tokens",
        "cache_write_5m": "cache_creation.ephemeral_5m_input_tokens",
        "cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
        "output": "output_tokens",
    }

    def results(self, endpoint: str, access: str, model: int, is_long: bool, used: Used) -> Iterator[dict]:
        for token_class, cost in zip(CLASSES, used.costs, strict=True):
            if cost:
                yield {
                    "currency": "USD",
                    "amount": plain(cost * PICO * 100),
                    "workspace_id": f"wrkspc_{access}",
                    "description": f"{MODELS[model].name} Usage - {self._types[token_class]}",
                    "cost_type": "tokens",
                    "context_window": _context(is_long),
                    "model": MODELS[model].name,
                    "service_tier": "standard",
                    "token_type": self._types[token_class],
                    "inference_geo": "global",
                }

    def charges(self, day: date, result: dict) -> Iterator[Charge]:
        yield self.charge(day, self.size(result))

    def size(self, result: dict) -> Decimal:
        return Decimal(result["amount"]) / 100
