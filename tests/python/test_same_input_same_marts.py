"""Law 5: the marts are a function of what has landed, config, ledger, prices and now; never of how they came to be."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import warehouse

from orchestration.demo import write_demo
from orchestration.places import Places

NOW = datetime(2026, 11, 2, 6)
BY_DAY = ("fct_llm_calls", "fct_usage_daily", "fct_traces", "fct_cost_lines", "fct_allocated_costs")
DAYS = "config.materialized:days"
STEPS = ("+fct_usage_daily", "+int_cost_lines", "stg_company__org_hierarchy")


@pytest.fixture(scope="module")
def company(tmp_path_factory) -> Places:
    """A small company's folders: a week of a demo, and a few calls in the flat form."""
    base = tmp_path_factory.mktemp("company")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", NOW)
    write_demo(base / "files", days=7, calls_per_day=60, end=date(2026, 10, 31), config=places.config)
    flat = base / "files" / "llm_calls"
    flat.mkdir(exist_ok=True)
    (flat / "calls.csv").write_text(
        "call_id,called_at,provider,model,input_uncached_tokens,output_tokens,team\n"
        "a,2026-10-20T08:00:00Z,openai,gpt-4o,100,10,search\n"
        "b,2026-10-21T08:00:00Z,openai,gpt-4o,200,20,search\n"
    )
    # Overlapping parts of the same day, so that it matters which of them come first.
    (flat / "more.csv").write_text(
        "call_id,called_at,provider,model,input_uncached_tokens,output_tokens,team\n"
        "a,2026-10-20T08:00:00Z,openai,gpt-4o,100,10,search\n"
        "c,2026-10-20T09:00:00Z,openai,gpt-4o,300,30,documents\n"
    )
    # An invoice of what the vendor's report of costs shows, too, and one of a vendor of whom no call is known.
    (base / "files" / "invoices").mkdir(exist_ok=True)
    for vendor in ("Anthropic", "Mistral"):
        (base / "files" / "invoices" / f"{vendor}.csv").write_text(
            "vendor,invoice_id,line,period,service,amount,currency,category\n"
            f"{vendor},2026-10,1,2026-10,API,9.87,USD,model API\n"
            f"{vendor},2026-10,2,2026-10,Tax,0.62,USD,tax\n"
        )
    return places


def files_of(places: Places) -> list:
    return sorted(path for path in (places.landing.parent / "files").rglob("*") if path.is_file())


def test_any_order_of_arrival_and_any_accident_give_the_same_marts(company: Places):
    root = company.landing.parent / "files"
    files = files_of(company)
    keys = company.config / "attribution_keys.csv"
    final_keys = keys.read_text()

    # In portions: half the files, with another config and a day that will be empty in the end.
    shuffled = files[:]
    random.Random(3).shuffle(shuffled)
    # OpenAI's reports come before the gateway's log, and Anthropic's and the invoices after it.
    early, late = ("openai_usage", "openai_costs"), ("anthropic_usage", "anthropic_cost", "invoices")
    place = {**dict.fromkeys(early, 0), "litellm": 2, **dict.fromkeys(late, 3)}
    shuffled.sort(key=lambda file: place.get(file.relative_to(root).parts[0], 1))
    warehouse.put(company.landing, shuffled[: len(files) // 2], root)
    passing = company.landing / "llm_calls" / "passing.csv"
    passing.parent.mkdir(exist_ok=True)
    passing.write_text("call_id,called_at,model,input_uncached_tokens\nz,2026-09-01T00:00:00Z,gpt-4o,5\n")
    keys.write_text("\n".join(line for line in final_keys.splitlines() if ",team,team," not in line) + "\n")
    warehouse.publish(company, DAYS)
    half = warehouse.contents_of(company.published_marts)
    assert (date(2026, 9, 1),) in warehouse.published(company, "select distinct usage_date from core.fct_usage_daily")

    # More files, some of them twice; prices as an older library had them; and tests that fail in the middle.
    warehouse.put(company.landing, shuffled[len(files) // 2 : -3], root)
    for twice in shuffled[:-3:9]:
        place = company.landing / twice.relative_to(root)
        shutil.copy(twice, place.with_name(f"again {place.name}"))
    conflict = company.config / "org_hierarchy.csv"
    final_org = conflict.read_text()
    conflict.write_text(final_org + "\n".join(final_org.splitlines()[1:]) + "\n")
    warehouse.take_in(company)
    dearer(company.raw / "price_book.parquet")
    failed = warehouse.dbt(company, "build", "--exclude-resource-type", "unit_test", "--select", *STEPS, check=False)
    assert failed.returncode == 1
    assert "no_two_rows_of_config_hold_on_the_same_day" in failed.stdout

    # The last files, the final config and prices; what was landed twice stays landed twice. The run is killed in the
    # middle, which leaves what is published as it is, and the next one heals that.
    conflict.write_text(final_org)
    keys.write_text(final_keys)
    passing.unlink()
    warehouse.put(company.landing, files, root)
    run_and_kill(company)
    assert warehouse.contents_of(company.published_marts) == half
    done = warehouse.costgrain(company.home, "run")
    assert done.returncode == 0, done.stdout + done.stderr
    in_the_end = warehouse.contents_of(company.published_marts)
    assert in_the_end != half
    in_portions = warehouse.days_tables(company)

    every_sixth_day_is_built_alone(company)
    assert (warehouse.contents(company), warehouse.days_tables(company)) == (in_the_end, in_portions)

    # From nothing, each file once, in one run.
    shutil.rmtree(company.home)
    shutil.rmtree(company.landing)
    warehouse.put(company.landing, files, root)
    warehouse.build(company, options=["--full-refresh"])
    assert warehouse.contents(company) == in_the_end
    assert len(in_portions) > 30 and warehouse.days_tables(company) == in_portions
    assert in_the_end["core.fct_llm_calls"][0] > 400
    assert in_the_end["core.fct_cost_lines"][0] > 100
    assert in_the_end["unit_economics.unit_costs"][0] > 100
    assert in_the_end["finance.invoice_reconciliation"][0] > 100

    only_the_changed_days_are_rebuilt(company)


def every_sixth_day_is_built_alone(company: Places) -> None:
    """What a day says must not depend on which other days are built with it."""
    with duckdb.connect(str(company.home / "warehouse.duckdb")) as connection:
        connection.execute(f"attach '{company.built_marts}' as marts")
        for database, name in connection.execute(
            "select database_name, table_name from duckdb_tables() where schema_name = 'fingerprints'"
        ).fetchall():
            connection.execute(f"update {database}.fingerprints.{name} set fingerprint = '' where day(day) % 6 = 1")
    warehouse.dbt(company, "build", *warehouse.NO_TESTS, "--select", DAYS)  # the others are made from these as before


def run_and_kill(company: Places) -> None:
    """A run that is killed when dbt has rebuilt some models and not all; what it started is left to itself."""
    log = company.home / "logs" / "run.log"
    began = log.stat().st_mtime if log.exists() else 0
    environment = {**os.environ, **company.environment()}
    run = subprocess.Popen(
        [sys.executable, "-c", "from orchestration.cli import main; main()", "run"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 900
    while not (log.exists() and log.stat().st_mtime > began and "int_calls_priced" in log.read_text()):
        assert run.poll() is None and time.monotonic() < deadline, "the run ended before it could be killed"
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    time.sleep(1)


def only_the_changed_days_are_rebuilt(company: Places):
    """Continues on the same warehouse: a change touches the days that it concerns and no other; nor does time alone."""
    before = {model: warehouse.fingerprints(company, model) for model in BY_DAY}

    # A key that holds from the last day on, one more day of calls, a price of a model that was used on two days.
    with (company.config / "attribution_keys.csv").open("a") as keys:
        keys.write("litellm,tag,squad,team,5,2026-10-31,,me,me,squads from November\n")
    (company.landing / "llm_calls" / "next.csv").write_text(
        "call_id,called_at,provider,model,input_uncached_tokens,output_tokens,trace_id\n"
        "d,2026-11-01T08:00:00Z,openai,gpt-4o,100,10,a new trace\n"
    )
    later = replace(company, now=NOW + timedelta(minutes=1))
    warehouse.take_in(later)
    dearer(later.raw / "price_book.parquet", "price_model = 'gpt-4o'")
    warehouse.dbt(later, "build", *warehouse.NO_TESTS, "--select", *(f"+{model}" for model in BY_DAY))

    priced, known = {date(2026, 10, 20), date(2026, 10, 21)}, {date(2026, 10, 31), date(2026, 11, 1)}
    for model in ("fct_llm_calls", "fct_usage_daily"):
        assert changed(company, model, before) == priced | known, model
    # A trace that the last day's calls belong to may have begun the day before.
    for model in ("fct_traces", "fct_cost_lines"):
        assert date(2026, 11, 1) in changed(company, model, before) <= priced | known | {date(2026, 10, 30)}, model
    # The invoices' month is shared by the usage of all its days, and lies on its first.
    lines = changed(company, "fct_cost_lines", before)
    assert changed(company, "fct_allocated_costs", before) == lines | {date(2026, 10, 1)}


def dearer(book: Path, which: str = "true") -> None:
    """Prices as another version of the library might have them."""
    new = book.with_suffix(".new")
    with duckdb.connect() as connection:
        doubled = f"case when {which} then output_price * 2 else output_price end as output_price"
        connection.execute(f"copy (select * replace ({doubled}) from '{book}') to '{new}' (format parquet)")
    new.rename(book)


def changed(company: Places, model: str, before: dict) -> set:
    """The days whose fingerprint is not what it was."""
    now = warehouse.fingerprints(company, model)
    return {day for day in now.keys() | before[model].keys() if now.get(day) != before[model].get(day)}
