"""The demo company's files against its answer key, counted and priced here anew from what landed."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot

from orchestration.demo import DemoError, write_demo
from orchestration.demo.calls import make_day
from orchestration.demo.company import (
    CUSTOMERS,
    FEATURES,
    GATEWAY,
    GPU_NODE,
    HOSTED_SINCE,
    MEDIA,
    MODELS,
    TEAMS,
    WORKFLOWS,
    Model,
)
from orchestration.demo.files.aws_bill import BEDROCK, COLUMNS, COSTS, EC2, NEGOTIATED
from orchestration.demo.planted import PLANTED
from orchestration.ingest import SOURCES
from orchestration.places import ROOT

# From before a price change into a second month, so that one small demo holds every hard thing.
DAYS, CALLS, END = 24, 220, date(2026, 9, 3)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """The landing folder of a small demo as JSON lines, and its answer key."""
    landing = tmp_path_factory.mktemp("demo") / "landing"
    answers = write_demo(landing, days=DAYS, calls_per_day=CALLS, end=END, config=landing.parent / "config")
    return landing, answers


@pytest.fixture(scope="module")
def landed(demo: tuple[Path, dict]) -> dict[str, list[dict]]:
    """The gateway log's rows by file, without the files that were delivered again."""
    landing, answers = demo
    return {name: _rows(landing / name) for name in answers["rows_landed_by_file"] if name.startswith("litellm/")}


@pytest.fixture(scope="module")
def calls(landed: dict[str, list[dict]]) -> dict[str, dict]:
    """The gateway's distinct calls by request id; a row that comes again is the same row."""
    found: dict[str, dict] = {}
    for row in (row for rows in landed.values() for row in rows):
        assert found.setdefault(row["request_id"], row) == row
    return found


@dataclass
class Told:
    """A call as the logs together tell it."""

    at: datetime
    provider: str
    model: str
    tokens: dict[str, int]
    status: str
    workflow: str | None
    customer: str | None
    key: str = "(none)"
    session: str | None = None
    tier: str | None = None
    seen_by: list[str] = field(default_factory=list)

    @property
    def all_tokens(self) -> int:
        return sum(self.tokens.values())

    @property
    def day(self) -> str:
        return f"{self.at:%Y-%m-%d}"

    @property
    def price(self) -> Decimal | None:
        """What the price library says it costs; None for a model that it does not know."""
        if self.provider == "hosted_vllm":
            return None
        tokens = self.tokens
        writes = tokens["cache_write_5m"] + tokens["cache_write_1h"]
        media = {name: tokens.get(name, 0) for name in MEDIA}
        seen, made = (sum(media[f"{kind}_{way}"] for kind in ("audio", "image")) for way in ("input", "output"))
        usage = {
            "input_tokens": tokens["input_uncached"] + tokens["cache_read"] + writes + seen,
            "output_tokens": tokens["output"] + tokens["reasoning"] + made,
            **{"{1}_{0}_tokens".format(*name.split("_")): count for name, count in media.items()},
            "cache_read_tokens": tokens["cache_read"],
            "cache_write_tokens": writes,
            "cache_write_1h_tokens": tokens["cache_write_1h"],
        }
        return calc_price(
            Usage(**{name: count for name, count in usage.items() if count}),
            self.model,
            provider_id=self.provider,
            genai_request_timestamp=self.at,
            price_context={"processing": "batch"} if self.tier == "batch" else None,
        ).total_price


@pytest.fixture(scope="module")
def told(demo: tuple[Path, dict], calls: dict[str, dict]) -> dict[str, Told]:
    """The distinct calls of all logs by the provider's id of the answer, each once."""
    landing, found = demo[0], {}
    for name, row in calls.items():
        found[name] = Told(
            _at(row["startTime"]),
            row["custom_llm_provider"],
            row["model"],
            _tokens(row),
            row["status"],
            _tags(row).get("workflow"),
            _customer(row),
            row["metadata"]["user_api_key_alias"],
            row["session_id"],
            seen_by=["litellm"],
        )
    # The span of a failed call knows no id.
    failed = {(call.session, call.at): name for name, call in found.items() if call.status == "failure"}
    for _, span, attributes in _spans(landing):
        if attributes["gen_ai.operation.name"] == "chat" and span["status"]["code"] == 2:
            call = found[failed[span["traceId"], _began(span)]]
            call.seen_by.append("otel")
            call.workflow = call.workflow or attributes["workflow"]
    for name, call in [*_spans_told(landing), *_generations_told(landing), *_rows_told(landing)]:
        if name in found:
            found[name].seen_by += call.seen_by
            # The gateway's line is at least as full; a span tells the workflow that it lacks.
            found[name].workflow = found[name].workflow or call.workflow
            assert call.all_tokens <= found[name].all_tokens
        else:
            found[name] = call
    return found


def _spans(landing: Path) -> Iterator[tuple[str, dict, dict[str, str | int]]]:
    """File, span, and the attributes of span, scope and resource."""
    for file in sorted((landing / "otel").iterdir()):
        for line in file.read_text().splitlines():
            for resource in json.loads(line)["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    outer = _attributes(resource["resource"]["attributes"]) | _attributes(scope["scope"]["attributes"])
                    for span in scope["spans"]:
                        yield file.name, span, outer | _attributes(span["attributes"])


def _began(span: dict) -> datetime:
    return datetime.fromtimestamp(int(span["startTimeUnixNano"]) / 1e9, UTC)


def _attributes(attributes: list[dict]) -> dict[str, str | int]:
    return {one["key"]: int(v) if k == "intValue" else v for one in attributes for k, v in one["value"].items()}


def _first(attributes: dict, *names: str) -> str | int | None:
    return next((attributes[name] for name in names if name in attributes), None)


def _span_tokens(attributes: dict) -> dict[str, int]:
    """The disjoint classes of a span: its input holds cache reads and writes, its output reasoning."""
    usage = "gen_ai.usage."
    read = _first(attributes, f"{usage}cache_read.input_tokens", f"{usage}cache_read_input_tokens") or 0
    written = _first(attributes, f"{usage}cache_creation.input_tokens", f"{usage}cache_creation_input_tokens") or 0
    reasoning = _first(attributes, f"{usage}reasoning.output_tokens", f"{usage}reasoning_tokens") or 0
    return {
        "input_uncached": _first(attributes, f"{usage}input_tokens", f"{usage}prompt_tokens") - read - written,
        "cache_read": read,
        "cache_write_5m": written,
        "cache_write_1h": 0,
        "output": (_first(attributes, f"{usage}output_tokens", f"{usage}completion_tokens") or 0) - reasoning,
        "reasoning": reasoning,
    }


def _spans_told(landing: Path) -> Iterator[tuple[str, Told]]:
    systems = {"gcp.vertex_ai": "vertex_ai", "aws.bedrock": "bedrock"}
    for _, span, attributes in _spans(landing):
        if attributes["gen_ai.operation.name"] == "chat" and span["status"]["code"] == 1:
            system = _first(attributes, "gen_ai.provider.name", "gen_ai.system")
            yield (
                attributes["gen_ai.response.id"],
                Told(
                    _began(span),
                    systems.get(system, system),
                    _first(attributes, "gen_ai.response.model", "gen_ai.request.model"),
                    _span_tokens(attributes),
                    "success",
                    attributes["workflow"],
                    _whose(attributes.get("customer.id"), attributes["workflow"]),
                    session=span["traceId"],
                    seen_by=["otel"],
                ),
            )


def _generations_told(landing: Path) -> Iterator[tuple[str, Told]]:
    for file in sorted((landing / "langfuse").iterdir()):
        for trace in _rows(file):
            newest = {one["id"]: one for one in sorted(trace["observations"], key=lambda one: one["updatedAt"])}
            wrapping = {one["parentObservationId"] for one in newest.values() if one["type"] == "GENERATION"}
            for name, one in newest.items():
                if one["type"] == "GENERATION" and name not in wrapping:
                    usage = one["usageDetails"]
                    classes = {
                        "input_uncached": "input",
                        "cache_read": "cache_read_input_tokens",
                        "cache_write_5m": "input_cache_creation_5m",
                        "cache_write_1h": "input_cache_creation_1h",
                        "output": "output",
                        "reasoning": "output_reasoning_tokens",
                    }
                    tokens = {token_class: usage.get(named, 0) for token_class, named in classes.items()}
                    assert sum(tokens.values()) == usage["total"]
                    yield (
                        name,
                        Told(
                            _at(one["startTime"]),
                            one["metadata"]["attributes"]["gen_ai.system"],
                            one["model"],
                            tokens,
                            "success",
                            trace["metadata"]["workflow"],
                            _whose(trace["metadata"]["customer_id"], trace["metadata"]["workflow"]),
                            session=trace["id"],
                            seen_by=["langfuse"],
                        ),
                    )


def _rows_told(landing: Path) -> Iterator[tuple[str, Told]]:
    for file in sorted((landing / "llm_calls").iterdir()):
        newest = {row["call_id"]: row for row in sorted(_table(file), key=lambda row: row["ended_at"])}
        for name, row in newest.items():
            classes = ("input_uncached", "cache_read", "output", "reasoning", *MEDIA)
            told = {name: int(row.get(f"{name}_tokens") or 0) for name in classes}
            yield (
                name,
                Told(
                    _at(row["called_at"]),
                    row["provider"],
                    row["model"],
                    {**told, "cache_write_5m": 0, "cache_write_1h": 0},
                    row["status"],
                    row["workflow"],
                    _whose(row["customer_id"], row["workflow"]),
                    tier=row["service_tier"],
                    seen_by=["llm_calls"],
                ),
            )


@pytest.fixture(scope="module")
def planted(demo: tuple[Path, dict]) -> dict[str, dict]:
    return {thing["id"]: thing for thing in demo[1]["planted"]}


def _rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _tokens(row: dict) -> dict[str, int]:
    """The disjoint classes of a SpendLogs row."""
    usage = row["metadata"]["usage_object"]
    if usage is None:
        return dict.fromkeys(
            ("input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning"), 0
        )
    inputs = usage["prompt_tokens_details"]
    writes = inputs.get("cache_creation_token_details", {})
    five, hour = writes.get("ephemeral_5m_input_tokens", 0), writes.get("ephemeral_1h_input_tokens", 0)
    assert inputs.get("cache_creation_tokens", 0) == five + hour == usage.get("cache_creation_input_tokens", 0)
    assert usage.get("cache_read_input_tokens", inputs["cached_tokens"]) == inputs["cached_tokens"]
    reasoning = usage["completion_tokens_details"]["reasoning_tokens"]
    return {
        "input_uncached": usage["prompt_tokens"] - inputs["cached_tokens"] - five - hour,
        "cache_read": inputs["cached_tokens"],
        "cache_write_5m": five,
        "cache_write_1h": hour,
        "output": usage["completion_tokens"] - reasoning,
        "reasoning": reasoning,
    }


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _tags(row: dict) -> dict[str, str]:
    return dict(tag.split(":", 1) for tag in row["request_tags"])


def _customer(row: dict) -> str:
    metadata = row["metadata"]["spend_logs_metadata"] or {}
    tags = _tags(row)
    customer = tags.get("customer") or metadata.get("tenant") or metadata.get("customer_id") or row["end_user"]
    return _whose(customer, tags.get("workflow"))


def _whose(customer: str | None, workflow: str | None) -> str:
    is_internal = workflow in {workflow.name for workflow in WORKFLOWS if workflow.is_internal}
    return customer or ("(internal)" if is_internal else "(unallocated)")


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("file_format", ["jsonl", "parquet"])
def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, file_format: str) -> None:
    found = []
    for name in ("one", "two"):
        landing = tmp_path / name / "landing"
        write_demo(landing, days=3, calls_per_day=40, format=file_format, config=tmp_path / name / "config")
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        found.append({p.relative_to(tmp_path / name): hashlib.sha256(p.read_bytes()).hexdigest() for p in files})
    assert found[0] == found[1]


def test_another_seed_gives_other_calls(tmp_path: Path) -> None:
    one, two = (write_demo(tmp_path / f"{seed}", days=1, calls_per_day=30, seed=seed) for seed in (1, 2))
    assert one["calls"]["list_cost_usd"] != two["calls"]["list_cost_usd"]


def test_a_day_does_not_depend_on_the_other_days() -> None:
    one, two = (make_day(7, date(2026, 9, 1), 50) for _ in range(2))
    assert np.array_equal(one.id, two.id)
    assert not np.isin(one.id, make_day(7, date(2026, 9, 2), 50).id).any()


def test_both_formats_hold_the_same_rows(tmp_path: Path) -> None:
    for file_format in ("jsonl", "parquet"):
        write_demo(tmp_path / file_format, days=1, calls_per_day=80, end=END, format=file_format)
    lines = _rows(tmp_path / f"jsonl/litellm/spend_logs_{END}.jsonl")
    table = pq.read_table(tmp_path / f"parquet/litellm/spend_logs_{END}.parquet").to_pylist()
    for row in table:
        row |= {name: json.loads(row[name]) for name in ("metadata", "request_tags", "messages", "response")}
    for row in lines:
        for name in ("startTime", "endTime", "completionStartTime"):
            row[name] = _at(row[name]).replace(tzinfo=None)
    assert len(lines) > 50
    assert lines == table
    others = [
        {path.relative_to(tmp_path / f): path.read_bytes() for path in (tmp_path / f).rglob("*.*") if path.is_file()}
        for f in ("jsonl", "parquet")
    ]
    for files in others:
        for path in [path for path in files if path.parts[0] == "litellm"]:
            del files[path]
    assert others[0] == others[1]


def test_every_call_costs_what_the_price_library_says(
    demo: tuple[Path, dict], calls: dict[str, dict], told: dict[str, Told]
) -> None:
    features = {workflow.name: workflow.feature for workflow in WORKFLOWS}
    totals: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for name, call in told.items():
        price = call.price
        if name in calls:
            spend = calls[name]["spend"]
            assert spend == (0 if call.status == "failure" or price is None else float(price))
        labels = {
            "provider": call.provider,
            "model": call.model,
            "workflow": call.workflow or "(unallocated)",
            "feature": features.get(call.workflow, "(unallocated)"),
            "customer": call.customer,
            "key": call.key,
        }
        for by, label in labels.items():
            totals[f"by_{by}", label] += price or 0
        totals["by_month", f"{call.at:%Y-%m}"] += price or 0
        totals["all", ""] += price or 0
    answers = demo[1]["calls"]
    assert Decimal(answers["list_cost_usd"]) == totals.pop(("all", ""))
    for (name, label), cost in totals.items():
        assert Decimal(answers[name][label]["list_cost_usd"]) == cost, (name, label)
    for name in ("by_provider", "by_model", "by_workflow", "by_customer", "by_month", "by_key"):
        assert set(answers[name]) == {label for by, label in totals if by == name}


def test_calls_and_tokens_of_the_answer_are_those_that_landed(demo: tuple[Path, dict], told: dict[str, Told]) -> None:
    answers = demo[1]["calls"]
    assert answers["calls"] == len(told)
    assert answers["seen_by"] == Counter(", ".join(call.seen_by) for call in told.values())
    tokens: Counter[str] = Counter()
    for call in told.values():
        assert min(call.tokens.values()) >= 0
        tokens.update(call.tokens)
    assert answers["tokens"] == tokens
    assert min(tokens.values()) > 0
    assert Counter(call.model for call in told.values()) == {
        name: found["calls"] for name, found in answers["by_model"].items()
    }
    assert demo[1]["traces"] == len({call.session for call in told.values() if call.session})


def test_a_line_of_the_gateway_adds_up_to_its_total(calls: dict[str, dict]) -> None:
    for row in calls.values():
        assert sum(_tokens(row).values()) == row["total_tokens"] == row["prompt_tokens"] + row["completion_tokens"]


def test_the_company_is_as_large_as_it_is_said_to_be() -> None:
    assert (len(CUSTOMERS), len(TEAMS), len(FEATURES)) == (40, 6, 5)
    assert Counter(workflow.log for workflow in WORKFLOWS) == {
        GATEWAY: 8, "otel": 1, "langfuse": 1, "llm_calls": 4, None: 1
    }  # fmt: skip
    assert sum(workflow.calls_share for workflow in WORKFLOWS) == 1000
    assert len({c.segment for c in CUSTOMERS}) == len({c.plan for c in CUSTOMERS}) == 3
    priced = [model for model in MODELS if model.is_priced]
    assert len({model.provider for model in priced}) == 4
    assert len(priced) >= 12


def test_the_default_size_is_about_two_hundred_thousand_calls() -> None:
    one_week = sum(len(make_day(7, date(2026, 9, 14 + number), 2222)) for number in range(7))
    assert one_week / 7 == pytest.approx(2222, rel=0.05)


def test_every_planted_thing_names_itself_once_and_says_what_it_is(planted: dict[str, dict]) -> None:
    assert list(planted) == [plant.id for plant in PLANTED]
    assert all(thing["what"] and len(thing["request_ids"]) <= 50 for thing in planted.values())
    assert all(thing["amounts"] or thing["billed_beyond_logs_usd"] for thing in planted.values())


def test_lines_are_duplicated_within_a_file_and_in_the_next(
    demo: tuple[Path, dict], landed: dict[str, list[dict]], calls: dict[str, dict], planted: dict[str, dict]
) -> None:
    amounts = planted["duplicated_lines"]["amounts"]
    rows = sum(len(rows) for rows in landed.values())
    assert demo[1]["rows_landed"]["litellm"] == rows == len(calls) + amounts["rows"]
    assert amounts["in_same_file"] == sum(len(r) - len({row["request_id"] for row in r}) for r in landed.values()) > 0
    assert amounts["in_next_file"] > 0
    repeated = [
        name for name, count in Counter(r["request_id"] for rs in landed.values() for r in rs).items() if count > 1
    ]
    assert set(planted["duplicated_lines"]["request_ids"]) <= set(repeated)


def test_files_are_delivered_again(demo: tuple[Path, dict], planted: dict[str, dict]) -> None:
    landing, answers = demo
    contents = {hashlib.sha256((landing / name).read_bytes()).digest() for name in answers["rows_landed_by_file"]}
    copy, zipped = planted["redelivered_files"]["files"]
    assert hashlib.sha256((landing / copy).read_bytes()).digest() in contents
    assert hashlib.sha256(gzip.decompress((landing / zipped).read_bytes())).digest() in contents


def test_failed_calls_have_no_answer_and_retries_name_them(calls: dict[str, dict], planted: dict[str, dict]) -> None:
    failed = {name: row for name, row in calls.items() if row["status"] == "failure"}
    amounts = planted["failed_calls"]["amounts"]
    assert len(failed) == amounts["calls"] > 0
    assert all(row["completion_tokens"] == 0 for row in failed.values())
    assert sum(row["prompt_tokens"] > 0 for row in failed.values()) == amounts["with_prompt_tokens"] > 0
    assert amounts["without_tokens"] > 0
    errors = Counter(row["metadata"]["error_information"]["error_class"] for row in failed.values())
    assert all(amounts[f"error_{name}"] == count for name, count in errors.items())
    retries = [row for row in calls.values() if (row["metadata"]["spend_logs_metadata"] or {}).get("retry_of")]
    assert len(retries) == planted["retries"]["amounts"]["calls"] > 0
    for row in retries:
        before = failed[row["metadata"]["spend_logs_metadata"]["retry_of"]]
        assert (before["session_id"], before["model"]) == (row["session_id"], row["model"])
        assert before["startTime"] < row["startTime"]


def test_calls_lack_tags_and_one_key_has_no_owner(
    demo: tuple[Path, dict], calls: dict[str, dict], planted: dict[str, dict]
) -> None:
    with (demo[0].parent / "config/api_keys.csv").open(newline="") as file:
        owned = {row["api_key"] for row in csv.DictReader(file)}
    untagged = [row for row in calls.values() if set(_tags(row)) == {"User-Agent"}]
    assert all(row["team_id"] is None and row["end_user"] == "" for row in untagged)
    orphans = [row for row in calls.values() if row["api_key"] not in owned]
    assert len(orphans) == planted["orphan_key"]["amounts"]["calls"] > 0
    assert len(untagged) - len(orphans) == planted["missing_tags"]["amounts"]["calls"] > 0
    assert len({row["api_key"] for row in orphans}) == 1


def test_one_model_has_no_price(calls: dict[str, dict], planted: dict[str, dict]) -> None:
    model = planted["model_without_price"]["amounts"]["model"]
    with pytest.raises(LookupError):
        get_snapshot().find_provider_model(model, None, None, None)
    rows = [row for row in calls.values() if row["model"] == model and row["startTime"] < f"{HOSTED_SINCE}"]
    assert len(rows) == planted["model_without_price"]["amounts"]["unpriced_calls"] > 0
    assert sum(row["total_tokens"] for row in rows) == planted["model_without_price"]["amounts"]["unpriced_tokens"]


def test_a_file_comes_a_week_late(landed: dict[str, list[dict]], planted: dict[str, dict]) -> None:
    thing = planted["late_file"]
    day = thing["amounts"]["event_day"]
    late = landed[thing["files"][0]]
    assert len(late) == thing["amounts"]["calls"] > 0
    assert {row["startTime"][:10] for row in late} == {day}
    own = {row["request_id"] for row in landed[f"litellm/spend_logs_{day}.jsonl"]}
    assert own.isdisjoint(row["request_id"] for row in late)
    assert thing["files"][0] > f"litellm/spend_logs_{day}"


def test_traces_run_over_midnight(
    landed: dict[str, list[dict]], told: dict[str, Told], planted: dict[str, dict]
) -> None:
    days = defaultdict(set)
    for call in told.values():
        days[call.session].add(call.day)
    del days[None]
    assert sum(len(found) == 2 for found in days.values()) == planted["over_midnight"]["amounts"]["traces"] > 0
    for name, rows in landed.items():
        repeated = {row["request_id"] for other in landed if other < name for row in landed[other]}
        own = {row["startTime"][:10] for row in rows if row["request_id"] not in repeated}
        assert len(own) == 1, "each line lands in its own day's file first"


def test_prices_change_with_the_day_and_with_the_context(calls: dict[str, dict], planted: dict[str, dict]) -> None:
    change = planted["price_change"]["amounts"]
    assert change["calls_before"] > 0
    assert change["calls_from_then_on"] > 0
    long = [calls[name] for name in planted["long_context"]["request_ids"]]
    assert long
    assert all(row["prompt_tokens"] > 200_000 for row in long)


def test_content_and_addresses_stand_in_the_logs(
    demo: tuple[Path, dict], calls: dict[str, dict], planted: dict[str, dict]
) -> None:
    marker = planted["private_content"]["amounts"]["marker"]
    rows = [row for row in calls.values() if marker in json.dumps(row["messages"]) + json.dumps(row["response"])]
    assert 0 < len(rows) <= planted["private_content"]["amounts"]["calls"]
    assert any("@" in row["user"] for row in calls.values())
    for source in ("otel", "langfuse"):
        assert any(marker in path.read_text() for path in (demo[0] / source).iterdir()), source


def test_the_bill_adds_up_and_the_older_delivery_shows_less(demo: tuple[Path, dict]) -> None:
    landing, answers = demo
    bills = answers["bills"]
    assert list(bills["by_month"]) == ["2026-08", "2026-09"]
    names = ("billed_cost", "effective_cost", "list_cost", "contracted_cost")
    for bill in [*bills["by_month"].values(), *bills["replaced"]]:
        lines = _table(landing / bill["path"])
        assert len(lines) == bill["lines"]
        for name, column in zip(names, COSTS, strict=True):
            assert sum(Decimal(line[column]) for line in lines) == Decimal(bill[name])
            assert sum(Decimal(found[name]) for found in bill["by_service"].values()) == Decimal(bill[name])
    older = bills["replaced"][0]
    newer = bills["by_month"][older["billing_period"]]
    assert older["lines"] < newer["lines"]
    assert older["path"] < newer["path"]


def test_the_bill_has_the_57_columns_of_focus_and_awss_own(demo: tuple[Path, dict]) -> None:
    first = next(iter(demo[1]["bills"]["by_month"].values()))
    assert list(_table(demo[0] / first["path"])[0]) == list(COLUMNS)
    assert sum(not column.startswith("x_") for column in COLUMNS) == 57
    assert len(set(COLUMNS)) == len(COLUMNS) == 60


def test_the_bill_shows_bedrock_as_the_log_counts_it_until_two_days_before_the_end(
    demo: tuple[Path, dict], told: dict[str, Told], planted: dict[str, dict]
) -> None:
    landing, answers = demo
    used: Counter[str] = Counter()
    unbilled = Decimal(0)
    for call in told.values():
        if call.provider == "bedrock":
            if call.day <= answers["bills"]["last_billed_day"]:
                used[call.day] += call.all_tokens
            else:
                unbilled += call.price or 0
    billed: Counter[str] = Counter()
    for bill in answers["bills"]["by_month"].values():
        for line in _table(landing / bill["path"]):
            if line["ServiceName"] == BEDROCK and line["ChargeCategory"] == "Usage":
                billed[line["ChargePeriodStart"][:10]] += int(line["ConsumedQuantity"])
                exact = Decimal(line["ListUnitPrice"]) * Decimal(line["PricingQuantity"])
                assert abs(Decimal(line["ListCost"]) - exact) < Decimal("1e-10")
                assert abs(Decimal(line["BilledCost"]) - exact * NEGOTIATED) < Decimal("1e-10")
                assert line["BilledCost"] == line["EffectiveCost"] == line["ContractedCost"]
    others = {day for name in ("logged_twice", "other_time_zone") for day in planted[name]["amounts"]["days"]}
    assert {day for day in billed | used if billed[day] != used[day]} == others
    assert answers["bills"]["last_billed_day"] == "2026-09-01"
    assert _accrued(answers)["bedrock"] == unbilled > 0


def _accrued(answers: dict) -> dict[str, Decimal]:
    """Metered usage that no book shows, by vendor; also what ran on capacity that is paid by the hour."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in answers["ledger"]["lines"]:
        if line["source"] == "metered" or (line["cost_status"] == "accrued" and line["source"] == "commitments"):
            found[line["vendor"]] += Decimal(line["list_cost"])
    return found


def test_what_no_book_shows_is_accrued(demo: tuple[Path, dict], told: dict[str, Told]) -> None:
    """The vendors' reports end three days before the last day, the clouds' bills two."""
    accrued: defaultdict[str, Decimal] = defaultdict(Decimal)
    for call in told.values():
        since = "2026-09-02" if call.provider in ("bedrock", "vertex_ai") else "2026-09-01"
        if call.price and call.day >= since:
            accrued[call.provider] += call.price
    assert _accrued(demo[1]) == accrued


def test_the_bill_has_credits_and_identical_lines(demo: tuple[Path, dict], planted: dict[str, dict]) -> None:
    for month, bill in demo[1]["bills"]["by_month"].items():
        lines = _table(demo[0] / bill["path"])
        credits = [line for line in lines if line["ChargeCategory"] == "Credit"]
        assert all(Decimal(line["BilledCost"]) < 0 for line in credits)
        amounts = planted["credit_lines"]["amounts"][month]
        assert (len(credits), sum(Decimal(c["BilledCost"]) for c in credits)) == (
            amounts["lines"],
            Decimal(amounts["billed_cost"]),
        )
        alike = [count for count in Counter(tuple(line.values()) for line in lines).values() if count > 1]
        assert alike == [planted["identical_bill_lines"]["amounts"][month]["lines"]] == [2]
        tagged = {line["Tags"] for line in lines if line["Tags"] != "{}"}
        assert {"user:team", "user:workflow"} <= set(json.loads(sorted(tagged)[0]))


def _pages(landing: Path, source: str) -> list[tuple[str, str, list[dict]]]:
    """Path, endpoint and buckets of each page, in the order in which they were fetched."""
    files = sorted((landing / source).rglob("*.json"))
    return [(f.relative_to(landing).as_posix(), f.stem, json.loads(f.read_text())["data"]) for f in files]


def _bucket_day(bucket: dict) -> str:
    if "start_time" in bucket:
        return f"{datetime.fromtimestamp(bucket['start_time'], UTC):%Y-%m-%d}"
    return bucket["starting_at"][:10]


def _newest(landing: Path, source: str) -> dict[tuple[str, str], list[dict]]:
    """The results of each endpoint's day as they were fetched last."""
    found = {}
    for _, endpoint, buckets in _pages(landing, source):
        found |= {(endpoint, _bucket_day(bucket)): bucket["results"] for bucket in buckets}
    return found


def _reported_tokens(result: dict) -> int:
    """OpenAI's input holds cached tokens; Anthropic tells each class apart. Reasoning lies in the output of both."""
    if "object" in result:
        return result["input_tokens"] + result.get("output_tokens", 0)
    apart = ("uncached_input_tokens", "cache_read_input_tokens", "output_tokens")
    return sum(result[name] for name in apart) + sum(result["cache_creation"].values())


def _reported_cost(result: dict) -> Decimal:
    """OpenAI's in dollars, Anthropic's in cents."""
    amount = result["amount"]
    return Decimal(repr(amount["value"])) if isinstance(amount, dict) else Decimal(amount) / 100


VENDORS = {"openai": ("openai_usage", "openai_costs"), "anthropic": ("anthropic_usage", "anthropic_cost")}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_reports_all_that_happened_and_the_logs_lack_what_was_planted(
    vendor: str, demo: tuple[Path, dict], told: dict[str, Told], planted: dict[str, dict]
) -> None:
    landing, answers = demo
    logged_tokens: Counter[str] = Counter()
    logged_cost: defaultdict[str, Decimal] = defaultdict(Decimal)
    for call in told.values():
        if call.provider == vendor:
            logged_tokens[call.day] += call.all_tokens
            logged_cost[call.day] += call.price
    usage, cost = VENDORS[vendor]
    tokens: Counter[str] = Counter()
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (_, day), results in _newest(landing, usage).items():
        tokens[day] += sum(map(_reported_tokens, results))
    for (_, day), results in _newest(landing, cost).items():
        costs[day] += sum(map(_reported_cost, results), Decimal(0))
    rebilled: defaultdict[str, Decimal] = defaultdict(Decimal)
    for thing in planted.values():
        if any(at.startswith(f"{vendor} ") for at in thing["billed_beyond_logs_usd"]):
            for day, amount in thing["amounts"].get("days", {}).items():
                rebilled[day] += Decimal(amount)
    assert rebilled
    missing = planted["missing_bucket"]["amounts"]["day"]
    compared = 0
    for day, truth in answers["vendors"][vendor].items():
        assert truth["tokens"] == logged_tokens[day] + truth["unlogged_tokens"]
        assert Decimal(truth["cost_usd"]) == logged_cost[day] + Decimal(truth["unlogged_cost_usd"])
        if day not in (missing, *(f"{END - timedelta(days=late)}" for late in range(3))):
            assert (tokens[day], costs[day] - rebilled[day]) == (truth["tokens"], Decimal(truth["cost_usd"])), day
            compared += 1
    assert compared > 15


def test_what_no_log_has_is_the_bypassing_key_the_sampled_log_and_the_aborted_streams(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    days = [truth for of_vendor in demo[1]["vendors"].values() for truth in of_vendor.values()]
    names = ("bypassing_key", "sampled_log", "aborted_streams")
    amounts = [planted[name]["amounts"] for name in names]
    assert all(one["calls"] > 0 for one in amounts)
    assert sum(truth["unlogged_tokens"] for truth in days) == sum(sum(one["tokens"].values()) for one in amounts)
    unlogged = sum(Decimal(truth["unlogged_cost_usd"]) for truth in days)
    assert unlogged == sum(Decimal(one["list_cost_usd"]) for one in amounts) > 0


def test_a_sampled_log_keeps_one_call_in_four(demo: tuple[Path, dict], planted: dict[str, dict]) -> None:
    rows = [r for f in sorted((demo[0] / "llm_calls").glob("autocomplete_*")) for r in _table(f)]
    amounts = planted["sampled_log"]["amounts"]
    assert {row["sample_rate"] for row in rows} == {"0.25"}
    assert len(rows) == amounts["kept_calls"] == amounts["estimated_calls"] / 4
    assert abs(amounts["kept_calls"] + amounts["calls"] - amounts["estimated_calls"]) < 40


def test_aborted_streams_are_failures_without_tokens(calls: dict[str, dict], planted: dict[str, dict]) -> None:
    amounts = planted["aborted_streams"]["amounts"]
    rows = [calls[name] for name in planted["aborted_streams"]["request_ids"]]
    assert len(rows) == amounts["calls"] == amounts["calls_openai"] + amounts["calls_anthropic"]
    assert amounts["calls_openai"] and amounts["calls_anthropic"]
    assert all((row["status"], row["total_tokens"], row["spend"]) == ("failure", 0, 0) for row in rows)


def test_agents_spans_repeat_the_tokens_of_their_calls(demo: tuple[Path, dict], planted: dict[str, dict]) -> None:
    below: Counter[str] = Counter()
    agents: dict[str, int] = {}
    parents: dict[str, str] = {}
    for _, span, attributes in _spans(demo[0]):
        parents[span["spanId"]] = span["parentSpanId"]
        usage = [value for name, value in attributes.items() if name.startswith("gen_ai.usage")]
        operation = attributes["gen_ai.operation.name"]
        assert operation == "invoke_agent" or bool(usage) == (operation == "chat" and span["status"]["code"] == 1)
        if operation == "invoke_agent" and usage:
            agents[span["spanId"]] = sum(_span_tokens(attributes).values())
        elif usage:
            below[span["parentSpanId"]] += sum(_span_tokens(attributes).values())
    amounts = planted["wrapping_spans"]["amounts"]
    assert agents == below
    assert (len(agents), sum(agents.values())) == (amounts["otel_wrappers"], amounts["otel_repeated_tokens"])
    assert all(parent in parents for parent in parents.values() if parent), "no span hangs in the air"


def test_a_trace_lies_in_two_files_and_an_old_librarys_spans_have_old_names(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    files = defaultdict(set)
    old = 0
    for file, span, attributes in _spans(demo[0]):
        files[span["traceId"]].add(file)
        assert ("gen_ai.system" in attributes) == any(name.endswith("prompt_tokens") for name in attributes) or (
            span["status"]["code"] == 2 or attributes["gen_ai.operation.name"] == "invoke_workflow"
        )
        old += attributes["gen_ai.operation.name"] == "chat" and "gen_ai.system" in attributes
    assert any(len(found) == 2 for found in files.values())
    assert old == planted["deprecated_names"]["amounts"]["calls"] > 0


def test_some_spans_tell_less_than_the_gateway(
    demo: tuple[Path, dict], told: dict[str, Told], planted: dict[str, dict]
) -> None:
    less = {name: call for name, call in _spans_told(demo[0]) if call.all_tokens < told[name].all_tokens}
    amounts = planted["disagreeing_records"]["amounts"]
    assert len(less) == amounts["calls"] > 0
    assert set(planted["disagreeing_records"]["request_ids"]) == set(less)
    untold = sum(told[name].all_tokens - call.all_tokens for name, call in less.items())
    assert untold == amounts["output_tokens_not_told"]


def test_observations_come_in_versions_and_in_generations_that_wrap_others(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    versions, wrapping, repeated = 0, 0, 0
    for file in (demo[0] / "langfuse").iterdir():
        for trace in _rows(file):
            names = Counter(one["id"] for one in trace["observations"])
            versions += sum(names.values()) - len(names)
            parents = {one["parentObservationId"] for one in trace["observations"] if one["type"] == "GENERATION"}
            outer = [one for one in trace["observations"] if one["id"] in parents and one["type"] == "GENERATION"]
            wrapping += len(outer)
            repeated += sum(one["usageDetails"]["total"] for one in outer)
    amounts = planted["wrapping_spans"]["amounts"]
    assert versions == planted["duplicate_versions"]["amounts"]["observations"] > 0
    assert (wrapping, repeated) == (amounts["langfuse_wrappers"], amounts["langfuse_repeated_tokens"])


def test_rows_of_one_call_differ_and_later_rows_correct_earlier_ones(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    landing, answers = demo
    rows = [row for file in (landing / "llm_calls").iterdir() for row in _table(file)]
    by_id = defaultdict(set)
    for row in rows:
        by_id[row["call_id"]].add(row["output_tokens"])
    assert sum(len(found) == 2 for found in by_id.values()) == planted["conflicting_rows"]["amounts"]["rows"] > 0
    assert len(rows) - len(by_id) == answers["rows_left_out"]["llm_calls"]
    efforts = _rows(landing / "human_effort/efforts.jsonl")
    last = {row["effort_id"]: row for row in efforts}
    assert len(efforts) - len(last) == planted["corrected_efforts"]["amounts"]["rows"] > 0
    minutes = sum(Decimal(repr(row["minutes"])) for row in last.values())
    assert (len(last), minutes) == (answers["human_effort"]["efforts"], Decimal(answers["human_effort"]["minutes"]))
    outcomes = {(row["outcome_id"], row["trace_id"]) for row in _rows(landing / "outcomes/outcomes.jsonl")}
    assert {(row["outcome_id"], row["trace_id"]) for row in last.values()} <= outcomes
    told = _table(landing / "budgets/budgets.csv")
    budgets = {(row["scope"], row["month"]): row["amount"] for row in told if row["scope_type"] == "team"}
    assert budgets == {(team, month): a for month, of in answers["budgets"].items() for team, a in of.items()}
    rows_of_budgets = answers["rows_landed"]["budgets"]
    ids = {(row["budget_id"], row["month"]) for row in told}
    assert rows_of_budgets - len(ids) == planted["revised_budgets"]["amounts"]["rows"] > 0


def test_reports_have_empty_missing_grown_and_repeated_buckets(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    landing, answers = demo
    empty, first, repeated = 0, {}, Counter()
    for source in (name for pair in VENDORS.values() for name in pair):
        size = _reported_cost if source.endswith(("costs", "cost")) else _reported_tokens
        days = defaultdict(set)
        for _, endpoint, buckets in _pages(landing, source):
            repeated[source] += sum(len(bucket["results"]) for bucket in buckets)
            for bucket in buckets:
                day = _bucket_day(bucket)
                days[endpoint].add(day)
                first.setdefault((source, endpoint, day), sum(map(size, bucket["results"])))
                empty += not bucket["results"] and day == planted["empty_day"]["amounts"]["day"]
        newest = _newest(landing, source)
        repeated[source] -= sum(map(len, newest.values()))
        for endpoint, held in days.items():
            gaps = {f"{date.fromisoformat(day) + timedelta(days=1)}" for day in held} - held - {max(held)}
            is_lacking = f"{source}/{endpoint}" in ("openai_usage/completions", "anthropic_cost/cost_report")
            wanted = {planted["missing_bucket"]["amounts"]["day"]} if is_lacking else set()
            assert {gap for gap in gaps if gap < max(held)} == wanted, (source, endpoint)
            for day in held:
                last = sum(map(size, newest[endpoint, day]))
                amounts = planted["grown_bucket"]["amounts"].get(f"{source} {endpoint} {day}")
                assert (first[source, endpoint, day] < last) == (amounts is not None)
                if amounts:
                    assert (Decimal(amounts["first"]), Decimal(amounts["last"])) == (first[source, endpoint, day], last)
    assert empty == planted["empty_day"]["amounts"]["buckets"] > 4
    assert repeated == {source: answers["rows_left_out"][source] for source in repeated}
    assert planted["grown_bucket"]["amounts"]
    for again in planted["page_fetched_twice"]["files"]:
        one, two = (json.loads((landing / path).read_text()) for path in (again.replace("T0605", "T0600"), again))
        assert one["data"] == two["data"] and one["next_page"] != two["next_page"]


def test_one_vendor_writes_cents(demo: tuple[Path, dict], planted: dict[str, dict]) -> None:
    cents = sum(Decimal(one["amount"]) for found in _newest(demo[0], "anthropic_cost").values() for one in found)
    amounts = planted["cents_not_dollars"]["amounts"]
    assert cents == Decimal(amounts["cents"]) == 100 * Decimal(amounts["usd"]) > 0


def test_the_same_money_stands_in_two_books(demo: tuple[Path, dict], planted: dict[str, dict]) -> None:
    landing, answers = demo
    amounts = planted["invoice_beside_cost_report"]["amounts"]
    truth = [t for day, t in answers["vendors"]["anthropic"].items() if day.startswith(amounts["month"])]
    owed = sum(Decimal(one["cost_usd"]) for one in truth)
    [line, tax] = _table(landing / f"invoices/anthropic_{amounts['month']}.csv")
    assert owed == Decimal(amounts["not_rounded"])
    assert abs(Decimal(line["amount"]) - owed) <= Decimal("0.005")
    assert tax["category"] == "tax"
    [seats] = _table(landing / "invoices/draftwise_2026-08.csv")
    newest = sorted((landing / "licences").rglob("exported_at=202608*/*"))[0]
    listed = [row for row in _table(newest) if row["vendor"] == "Draftwise"]
    assert Decimal(seats["amount"]) == sum(int(row["seats"]) * Decimal(row["unit_price"]) for row in listed)
    assert any(int(row["active_seats"]) < int(row["seats"]) for row in listed), "some seats nobody uses"
    explained = {(line["source"], line["month"]): line["counted_source"] for line in answers["ledger"]["explained"]}
    assert explained == {
        ("anthropic_cost", "2026-08"): "invoices",
        ("licences", "2026-08"): "invoices",
        ("opencost", "2026-08"): "focus",
        ("opencost", "2026-09"): "focus",
    }


def test_what_is_bought_ahead_is_invoiced_and_lost_where_it_is_not_used(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    landing, answers = demo
    credits = planted["prepaid_credits"]["amounts"]
    lines = [line for file in planted["prepaid_credits"]["files"] for line in _table(landing / file)]
    invoiced = [Decimal(line["amount"]) for line in lines if line["category"] == "prepaid"]
    assert sorted(invoiced) == sorted(Decimal(one["bought"]) for one in credits.values())
    reported = {
        day: sum(map(_reported_cost, results)) for (_, day), results in _newest(landing, "openai_costs").items()
    }
    used, left = list(sorted(reported.items())), Decimal(credits["openai-top-up"]["bought"])
    assert Decimal(credits["openai-top-up"]["lost"]) == left - sum(cost for _, cost in used[7:12]) > 0
    lines = [line for line in answers["ledger"]["lines"] if line["source"] == "commitments"]
    [lost] = [line for line in lines if line["vendor"] == "openai"]
    assert (lost["billed_cost"], lost["effective_cost"]) == ("0", credits["openai-top-up"]["lost"])


def test_the_cluster_costs_what_its_machines_cost_on_the_cloud_bill(demo: tuple[Path, dict]) -> None:
    landing, answers = demo
    billed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for bill in answers["bills"]["by_month"].values():
        for line in _table(landing / bill["path"]):
            if line["ServiceName"] == EC2 and line["ResourceId"] == GPU_NODE:
                billed[line["ChargePeriodStart"][:10]] += Decimal(line["BilledCost"])
    shared: defaultdict[str, Decimal] = defaultdict(Decimal)
    idle = 0
    for file in (landing / "opencost").iterdir():
        for window in json.loads(file.read_text())["data"]:
            for name, allocation in window.items():
                shared[allocation["start"][:10]] += Decimal(repr(allocation["totalCost"]))
                idle += name == "__idle__"
    assert idle == len(shared) == DAYS - 1
    assert {day: shared[day] for day in billed} == billed


def test_bills_hold_corrections_identical_lines_credits_tax_and_another_currency(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    landing = demo[0]
    for path, amounts in planted["corrected_line"]["amounts"].items():
        lines = {line["lineItem/referenceNo"]: line for line in _table(landing / path)}
        [correction] = [line for line in lines.values() if line["lineItem/isCorrection"] == "true"]
        wrong = lines[correction["lineItem/backreferenceNo"]]
        assert Decimal(wrong["cost/myCost"]) == Decimal(amounts["corrected"])
        assert Decimal(correction["cost/myCost"]) == Decimal(amounts["correction"]) < 0
    invoices = {path.stem: _table(path) for path in (landing / "invoices").iterdir()}
    alike = Counter(tuple(line.values()) for line in invoices["lumenlog_2026-08"]).most_common(1)[0]
    assert alike[1] == planted["identical_invoice_lines"]["amounts"]["lines"] == 2
    [credit] = [line for line in invoices["vectorhaven_2026-08"] if line["category"] == "credit"]
    assert Decimal(credit["amount"]) == Decimal(planted["invoice_credit"]["amounts"]["amount_each"]) < 0
    assert {line["currency"] for line in invoices["gradewell_2026-08"]} == {"EUR"}
    assert all("tax" in {line["category"] for line in invoices[f"{v}_2026-08"]} for v in ("lumenlog", "gradewell"))
    # The invoice of August is written in September, when another rate holds.
    for vendor, currency, rate in (("gradewell", "EUR", "1.1025"), ("nordtolk", "SEK", None)):
        billed = [Decimal(line["amount"]) for line in invoices[f"{vendor}_2026-08"]]
        amounts = planted["other_currencies"]["amounts"][currency]
        assert (amounts["lines"], Decimal(amounts["billed_cost"])) == (len(billed), sum(billed))
        usd = amounts["billed_cost_usd"]
        assert (usd and Decimal(usd)) == (rate and sum(billed) * Decimal(rate))
        causes = [Decimal(one["amount_usd"]) for one in demo[1]["ledger"]["causes"] if one["vendor"] == vendor]
        assert sum(causes) == Decimal(usd or 0)


def test_google_bills_vertex_as_the_logs_count_it_and_takes_its_credits_off(
    demo: tuple[Path, dict], told: dict[str, Told], planted: dict[str, dict]
) -> None:
    landing, answers = demo
    tokens: Counter[str] = Counter()
    cost: defaultdict[str, Decimal] = defaultdict(Decimal)
    net = Decimal(0)
    for file in (landing / "gcp_billing").iterdir():
        for line in _rows(file):
            day = line["usage_start_time"][:10]
            tokens[day] += int(line["usage"]["amount"])
            cost[day] += Decimal(repr(line["cost"]))
            net += Decimal(repr(line["cost"])) + sum(Decimal(repr(credit["amount"])) for credit in line["credits"])
    used: Counter[str] = Counter()
    price: defaultdict[str, Decimal] = defaultdict(Decimal)
    for call in told.values():
        if call.provider == "vertex_ai" and call.day <= answers["bills"]["last_billed_day"]:
            used[call.day] += call.all_tokens
            price[call.day] += call.price
    thousands = planted["logged_in_thousands"]
    [day] = thousands["amounts"]["days"]
    assert {other for other in used if tokens[other] != used[other]} == {day}
    [cost_in_thousands] = thousands["billed_beyond_logs_usd"].values()
    price[day] += Decimal(cost_in_thousands)
    assert cost == price
    lines = [line for line in answers["ledger"]["lines"] if line["source"] == "gcp_billing"]
    assert sum(Decimal(line["billed_cost"]) for line in lines) == net < sum(cost.values())
    assert len(planted["promotional_credit"]["amounts"]) == len(lines) == 2


def test_azures_bill_comes_as_actual_and_as_amortised_costs(demo: tuple[Path, dict], planted: dict[str, dict]) -> None:
    files = planted["two_editions"]["files"]
    assert {file.split("_")[1].removeprefix("cost/") for file in files} == {"actual", "amortized"}
    for one, other in zip(files[::2], files[1::2], strict=True):
        actual, amortised = (_table(demo[0] / name) for name in (one, other))
        for line in (*actual, *amortised):
            line["EffectivePrice"] = Decimal(line["EffectivePrice"])
        assert actual == amortised
        assert (demo[0] / one).read_bytes().startswith(b"\xef\xbb\xbf")
        assert (demo[0] / one).read_bytes() != (demo[0] / other).read_bytes()


def test_every_source_has_a_share_of_the_demo(demo: tuple[Path, dict]) -> None:
    landing, answers = demo
    assert {folder.name for folder in landing.iterdir()} == set(SOURCES)
    assert all(answers["rows_landed"][source] > 0 for source in SOURCES)


def _reports(landing: Path, paths: Iterable[str]) -> list[dict[str, str]]:
    texts = [gzip.decompress((landing / path).read_bytes()).decode() for path in paths]
    return [line for text in texts for line in csv.DictReader(text.splitlines())]


def test_an_aws_account_has_a_bill_of_its_own_with_tokens_in_thousands_a_savings_plan_and_all_categories(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    landing, answers = demo
    lines = _reports(landing, planted["thousands_of_tokens"]["files"])
    account = answers["cost_and_usage"]["account"]
    assert {line["bill/PayerAccountId"] for line in lines} == {account}
    bills = answers["bills"]["by_month"].values()
    assert account not in {line["BillingAccountId"] for bill in bills for line in _table(landing / bill["path"])}
    assert max(line["lineItem/UsageStartDate"] for line in lines)[:10] == answers["bills"]["last_billed_day"]

    cost: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        cost[line["lineItem/LineItemType"]] += Decimal(line["lineItem/UnblendedCost"])
        if rate := line["pricing/publicOnDemandRate"]:
            exact = Decimal(rate) * Decimal(line["lineItem/UsageAmount"])
            assert Decimal(line["lineItem/UnblendedCost"]) == Decimal(line["pricing/publicOnDemandCost"]) == exact
    plan, others = planted["savings_plan"]["amounts"], planted["credit_and_refund"]["amounts"]
    tokens = planted["thousands_of_tokens"]["amounts"]
    by_month = answers["cost_and_usage"]["by_month"].values()
    assert cost == {
        "Usage": Decimal(tokens["billed_cost"]),
        "SavingsPlanCoveredUsage": Decimal(plan["at_public_price"]),
        "SavingsPlanNegation": Decimal(plan["taken_off"]),
        "SavingsPlanRecurringFee": Decimal(plan["bought"]),
        "Tax": sum(Decimal(month["Tax"]["billed_cost"]) for month in by_month),
        "Credit": Decimal(others["credit"]),
        "Refund": Decimal(others["refund"]),
    }
    billed = sum(Decimal(sums["billed_cost"]) for month in by_month for sums in month.values())
    assert sum(cost.values()) == billed
    effective = sum(Decimal(line["savingsPlan/SavingsPlanEffectiveCost"] or 0) for line in lines)
    committed, used = (
        sum(Decimal(line[f"savingsPlan/{name}"] or 0) for line in lines)
        for name in ("TotalCommitmentToDate", "UsedCommitment")
    )
    assert (effective, committed - used) == (Decimal(plan["used"]), Decimal(plan["unused"]))
    assert 0 < effective == used < committed == cost["SavingsPlanRecurringFee"]
    thousands = [line for line in lines if line["pricing/unit"] == "1K tokens"]
    counted = sum(int(Decimal(line["lineItem/UsageAmount"]) * 1000) for line in thousands)
    assert counted == int(tokens["input_uncached_tokens"]) + int(tokens["output_tokens"])

    older, newer = (_reports(landing, [path]) for path in planted["grown_report"]["files"])
    amounts = planted["grown_report"]["amounts"]
    assert len(older) == amounts["rows_replaced"] == answers["rows_left_out"]["aws_cur"]
    assert sum(Decimal(line["lineItem/UnblendedCost"]) for line in older) == Decimal(amounts["replaced_cost"])
    assert all(line in newer for line in older) and len(older) < len(newer)


def _price_in_library(model: Model, day: date, counts: dict[str, int]) -> Decimal:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return calc_price(
        Usage(**counts), model.name, provider_id=model.provider, genai_request_timestamp=at
    ).total_price  # fmt: skip


def test_a_price_map_says_what_the_price_library_says_but_for_one_price(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    landing, truth = demo[0], planted["catalogues_disagree"]["amounts"]
    maps = [json.loads((landing / path).read_text()) for path in planted["catalogues_disagree"]["files"]]
    assert len(maps) == 2, "the one on the first day, and the one on the day of the price change"
    differ = {
        (model.name, name)
        for day, entries in zip((END - timedelta(days=DAYS - 1), date(2026, 8, 21)), maps, strict=True)
        for model in MODELS
        if (entry := entries.get(model.name))
        for name, counts in {
            "input_cost_per_token": {"input_tokens": 1},
            "output_cost_per_token": {"output_tokens": 1},
            "cache_read_input_token_cost": {"input_tokens": 1, "cache_read_tokens": 1},
        }.items()
        if name in entry and Decimal(repr(entry[name])) != _price_in_library(model, day, counts)
    }
    assert differ == {(truth["model"], "output_cost_per_token")}
    assert all(next(iter(entries)) == "sample_spec" for entries in maps)
    assert demo[1]["rows_left_out"]["litellm_prices"] == len(maps)
    tokens = demo[1]["calls"]["by_model"][truth["model"]]["tokens"][truth["meter"]]
    assert sum(sums["quantity"] for sums in truth["by_month"].values()) == tokens > 0
    for sums in truth["by_month"].values():
        assert Decimal(sums["litellm_cost_usd"]) < Decimal(sums["genai_prices_cost_usd"])


def test_a_months_seats_are_exported_again_when_they_have_grown(
    demo: tuple[Path, dict], planted: dict[str, dict]
) -> None:
    older, newer = (_table(demo[0] / path) for path in planted["grown_snapshot"]["files"])
    cost = [sum(int(row["seats"]) * Decimal(row["unit_price"]) for row in rows) for rows in (older, newer)]
    amounts = planted["grown_snapshot"]["amounts"]
    assert cost == [Decimal(amounts["replaced_cost"]), Decimal(amounts["cost"])]
    assert len(older) == amounts["rows_replaced"] < len(newer)
    assert {row["period_start"] for row in older} == {row["period_start"] for row in newer}


def test_outcomes_count_once_and_carry_the_cost_of_every_attempt(
    demo: tuple[Path, dict], told: dict[str, Told]
) -> None:
    landing, answers = demo
    rows = _rows(landing / "outcomes/outcomes.jsonl")
    assert len(rows) == answers["rows_landed"]["outcomes"]
    final: dict[str, dict] = {}
    for row in sorted(rows, key=lambda row: row["occurred_at"]):
        assert row["occurred_at"] < "2026-09-04"
        final[row["outcome_id"]] = row
    assert len(final) == answers["outcomes"]["outcomes"] < len(rows), "some are reversed later"
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in final.values():
        counted[row["outcome_type"]][row["status"]] += 1
    assert answers["outcomes"]["by_type"] == counted
    assert len(counted) == 6

    cost: defaultdict[str, Decimal] = defaultdict(Decimal)
    start: dict[str, str] = {}
    for call in (call for call in told.values() if call.session):
        cost[call.session] += call.price or 0
        start[call.session] = min(call.day, start.get(call.session, "9"))
    runs = {run["trace_id"]: run for run in pq.read_table(landing.parent / "answer_key_runs.parquet").to_pylist()}
    assert runs.keys() == start.keys()
    attempts: defaultdict[str, set[str]] = defaultdict(set)
    for trace, run in runs.items():
        assert run["list_cost_picodollars"] * Decimal("1e-12") == cost[trace]
        attempts[run["outcome_id"]].add(trace)
    named: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        named[row["outcome_id"]] |= {row["trace_id"]} - {None}
    for outcome, traces in named.items():
        assert attempts[outcome] >= traces == {t for t in attempts[outcome] if runs[t]["is_named"]}
    told_so = answers["outcomes"]
    assert sum(len(traces) - 1 for traces in named.values() if traces) == told_so["runs_before"] > 0
    assert sum(not traces for traces in named.values()) == told_so["unnamed"] > 0

    expected: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for name, row in final.items():
        first = min(start[trace] for trace in attempts[name])
        expected[first[:7], row["outcome_type"]] += sum(cost[trace] for trace in attempts[name])
    found = {
        (month, kind): Decimal(figures["list_cost_usd"])
        for month, kinds in answers["outcomes"]["by_month"].items()
        for kind, figures in kinds.items()
    }
    assert found == expected


def test_config_has_the_headers_of_the_companys_seeds(demo: tuple[Path, dict]) -> None:
    written = sorted((demo[0].parent / "config").glob("*.csv"))
    assert len(written) == 14
    for path in written:
        seed = ROOT / "seeds/company" / path.name
        headers = [file.read_text().splitlines()[0].split(",") for file in (path, seed)]
        assert headers[0] == [column for column in headers[1] if column in headers[0]], path.name


def test_a_folder_with_somebodys_files_is_left_alone(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    (landing / "litellm").mkdir(parents=True)
    mine = landing / "litellm/export.jsonl"
    mine.write_text("{}\n")
    with pytest.raises(DemoError, match=r"export\.jsonl"):
        write_demo(landing, days=1, calls_per_day=10)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [mine]


def test_an_earlier_demo_is_replaced_also_a_killed_one(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    write_demo(landing, days=DAYS, calls_per_day=20, end=END)
    (tmp_path / "answer_key.json").write_text('{"unfinished": true}')
    answers = write_demo(landing, days=1, calls_per_day=10, format="parquet")
    assert sorted(p.relative_to(landing).as_posix() for p in landing.rglob("*") if p.is_file()) == answers["files"]
    assert not list(landing.rglob("*.jsonl.gz"))


@pytest.mark.parametrize("wrong", [{"days": 0}, {"calls_per_day": 0}, {"seed": -1}, {"format": "csv"}])
def test_senseless_arguments_are_refused(tmp_path: Path, wrong: dict) -> None:
    with pytest.raises(DemoError):
        write_demo(tmp_path / "landing", **wrong)
    assert not list(tmp_path.iterdir())


def test_a_tiny_demo_can_be_written(tmp_path: Path) -> None:
    answers = write_demo(tmp_path / "landing", days=1, calls_per_day=1)
    assert answers["calls"]["calls"] >= 1
    assert answers["bills"]["by_month"] == {}
    assert not [path for path in answers["files"] if path.startswith(("openai_", "anthropic_", "invoices"))]
