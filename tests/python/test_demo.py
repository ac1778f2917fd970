"""The demo company's files against its answer key, counted and priced here anew from what landed."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot

from orchestration.demo import DemoError, write_demo
from orchestration.demo.bill import BEDROCK, COLUMNS, COSTS, NEGOTIATED
from orchestration.demo.calls import make_day
from orchestration.demo.company import CUSTOMERS, FEATURES, MODELS, TEAMS, WORKFLOWS
from orchestration.demo.planted import PLANTED
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
    """The log's rows by file, without the files that were delivered again."""
    landing, answers = demo
    return {name: _rows(landing / name) for name in answers["rows_landed_by_file"]}


@pytest.fixture(scope="module")
def calls(landed: dict[str, list[dict]]) -> dict[str, dict]:
    """The distinct calls by request id; a row that comes again is the same row."""
    found: dict[str, dict] = {}
    for row in (row for rows in landed.values() for row in rows):
        assert found.setdefault(row["request_id"], row) == row
    return found


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


def _price(row: dict) -> Decimal | None:
    """What the price library says the call costs; None for a model it does not know."""
    if row["custom_llm_provider"] == "hosted_vllm":
        return None
    tokens = _tokens(row)
    writes = tokens["cache_write_5m"] + tokens["cache_write_1h"]
    usage = {
        "input_tokens": row["prompt_tokens"],
        "output_tokens": row["completion_tokens"],
        "cache_read_tokens": tokens["cache_read"],
        "cache_write_tokens": writes,
        "cache_write_1h_tokens": tokens["cache_write_1h"],
    }
    return calc_price(
        Usage(**{name: count for name, count in usage.items() if count}),
        row["model"],
        provider_id=row["custom_llm_provider"],
        genai_request_timestamp=_at(row["startTime"]),
    ).total_price


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _tags(row: dict) -> dict[str, str]:
    return dict(tag.split(":", 1) for tag in row["request_tags"])


def _customer(row: dict) -> str:
    metadata = row["metadata"]["spend_logs_metadata"] or {}
    tags = _tags(row)
    customer = tags.get("customer") or metadata.get("tenant") or metadata.get("customer_id") or row["end_user"]
    is_internal = tags.get("workflow") in {workflow.name for workflow in WORKFLOWS if workflow.is_internal}
    return customer or ("(internal)" if is_internal else "(unallocated)")


def _bill(path: Path) -> list[dict[str, str]]:
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


def test_every_call_costs_what_the_price_library_says(demo: tuple[Path, dict], calls: dict[str, dict]) -> None:
    totals: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in calls.values():
        price = _price(row)
        if row["status"] == "failure" or price is None:
            assert row["spend"] == 0
        else:
            assert row["spend"] == float(price)
        labels = {
            "provider": row["custom_llm_provider"],
            "model": row["model"],
            "workflow": _tags(row).get("workflow", "(unallocated)"),
            "feature": _tags(row).get("feature", "(unallocated)"),
            "customer": _customer(row),
            "key": row["metadata"]["user_api_key_alias"],
        }
        for name, label in labels.items():
            totals[f"by_{name}", label] += price or 0
        totals["by_month", row["startTime"][:7]] += price or 0
        totals["all", ""] += price or 0
    answers = demo[1]["calls"]
    assert Decimal(answers["list_cost_usd"]) == totals.pop(("all", ""))
    for (name, label), cost in totals.items():
        assert Decimal(answers[name][label]["list_cost_usd"]) == cost, (name, label)
    for name in ("by_provider", "by_model", "by_workflow", "by_customer", "by_month", "by_key"):
        assert set(answers[name]) == {label for by, label in totals if by == name}


def test_calls_and_tokens_of_the_answer_are_those_that_landed(demo: tuple[Path, dict], calls: dict[str, dict]) -> None:
    answers = demo[1]["calls"]
    assert answers["calls"] == len(calls)
    tokens: Counter[str] = Counter()
    for row in calls.values():
        found = _tokens(row)
        assert min(found.values()) >= 0
        assert sum(found.values()) == row["total_tokens"] == row["prompt_tokens"] + row["completion_tokens"]
        tokens.update(found)
    assert answers["tokens"] == tokens
    assert min(tokens.values()) > 0
    assert Counter(row["model"] for row in calls.values()) == {
        name: found["calls"] for name, found in answers["by_model"].items()
    }
    assert demo[1]["traces"] == len({row["session_id"] for row in calls.values()})


def test_the_company_is_as_large_as_it_is_said_to_be() -> None:
    assert (len(CUSTOMERS), len(TEAMS), len(FEATURES), len(WORKFLOWS)) == (40, 6, 5, 8)
    assert len({c.segment for c in CUSTOMERS}) == len({c.plan for c in CUSTOMERS}) == 3
    priced = [model for model in MODELS if model.is_priced]
    assert len({model.provider for model in priced}) == 4
    assert len(priced) >= 12


def test_the_default_size_is_about_two_hundred_thousand_calls() -> None:
    one_week = sum(len(make_day(7, date(2026, 9, 14 + number), 2222)) for number in range(7))
    assert one_week / 7 == pytest.approx(2222, rel=0.05)


def test_every_planted_thing_names_itself_once_and_says_what_it_is(planted: dict[str, dict]) -> None:
    assert list(planted) == [plant.id for plant in PLANTED]
    assert all(thing["what"] and thing["amounts"] and len(thing["request_ids"]) <= 50 for thing in planted.values())


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
    rows = [row for row in calls.values() if row["model"] == model]
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
    landed: dict[str, list[dict]], calls: dict[str, dict], planted: dict[str, dict]
) -> None:
    days = defaultdict(set)
    for row in calls.values():
        days[row["session_id"]].add(row["startTime"][:10])
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


def test_content_and_addresses_stand_in_the_log(calls: dict[str, dict], planted: dict[str, dict]) -> None:
    marker = planted["private_content"]["amounts"]["marker"]
    rows = [row for row in calls.values() if marker in json.dumps(row["messages"]) + json.dumps(row["response"])]
    assert len(rows) == planted["private_content"]["amounts"]["calls"] > 0
    assert any("@" in row["user"] for row in calls.values())


def test_the_bill_adds_up_and_the_older_delivery_shows_less(demo: tuple[Path, dict]) -> None:
    landing, answers = demo
    bills = answers["bills"]
    assert list(bills["by_month"]) == ["2026-08", "2026-09"]
    names = ("billed_cost", "effective_cost", "list_cost", "contracted_cost")
    for bill in [*bills["by_month"].values(), *bills["replaced"]]:
        lines = _bill(landing / bill["path"])
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
    assert list(_bill(demo[0] / first["path"])[0]) == list(COLUMNS)
    assert sum(not column.startswith("x_") for column in COLUMNS) == 57
    assert len(set(COLUMNS)) == len(COLUMNS) == 60


def test_the_bill_shows_bedrock_as_the_log_counts_it_until_two_days_before_the_end(
    demo: tuple[Path, dict], calls: dict[str, dict]
) -> None:
    landing, answers = demo
    used: Counter[str] = Counter()
    unbilled = Decimal(0)
    for row in calls.values():
        if row["custom_llm_provider"] == "bedrock":
            if row["startTime"][:10] <= answers["unbilled"]["bedrock_last_billed_day"]:
                used[row["startTime"][:10]] += row["total_tokens"]
            else:
                unbilled += _price(row) or 0
    billed: Counter[str] = Counter()
    for bill in answers["bills"]["by_month"].values():
        for line in _bill(landing / bill["path"]):
            if line["ServiceName"] == BEDROCK and line["ChargeCategory"] == "Usage":
                billed[line["ChargePeriodStart"][:10]] += int(line["ConsumedQuantity"])
                exact = Decimal(line["ListUnitPrice"]) * Decimal(line["PricingQuantity"])
                assert abs(Decimal(line["ListCost"]) - exact) < Decimal("1e-10")
                assert abs(Decimal(line["BilledCost"]) - exact * NEGOTIATED) < Decimal("1e-10")
                assert line["BilledCost"] == line["EffectiveCost"] == line["ContractedCost"]
    assert billed == used
    assert answers["unbilled"]["bedrock_last_billed_day"] == "2026-09-01"
    assert Decimal(answers["unbilled"]["by_provider"]["bedrock"]["list_cost_usd"]) == unbilled > 0
    openai = answers["calls"]["by_provider"]["openai"]
    assert answers["unbilled"]["by_provider"]["openai"] == openai, "no bill shows OpenAI at all"


def test_the_bill_has_credits_and_identical_lines(demo: tuple[Path, dict], planted: dict[str, dict]) -> None:
    for month, bill in demo[1]["bills"]["by_month"].items():
        lines = _bill(demo[0] / bill["path"])
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


def test_outcomes_count_once_and_carry_the_cost_of_every_attempt(
    demo: tuple[Path, dict], calls: dict[str, dict]
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
    for row in calls.values():
        cost[row["session_id"]] += _price(row) or 0
        start[row["session_id"]] = min(row["startTime"], start.get(row["session_id"], "9"))
    expected: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in final.values():
        expected[start[row["trace_id"]][:7], row["outcome_type"]] += cost[row["trace_id"]]
    found = {
        (month, kind): Decimal(figures["list_cost_usd"])
        for month, kinds in answers["outcomes"]["by_month"].items()
        for kind, figures in kinds.items()
    }
    assert found == expected


def test_config_has_the_headers_of_the_companys_seeds(demo: tuple[Path, dict]) -> None:
    written = sorted((demo[0].parent / "config").glob("*.csv"))
    assert len(written) == 7
    for path in written:
        seed = ROOT / "seeds/company" / path.name
        assert path.read_text().splitlines()[0] == seed.read_text().splitlines()[0], path.name


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
    write_demo(landing, days=3, calls_per_day=10)
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
    assert answers["bills"] == {"by_month": {}, "replaced": []}
