"""Capacity that is paid for by time: calls bear what they take of each hour's cost, and nobody bears the rest."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext

import duckdb
import pytest
import warehouse
from hypothesis import given, settings
from hypothesis import strategies as st
from test_commitments import HEADER, MODEL, D, report

from orchestration import config
from orchestration.places import Places

MARTS = (
    "fct_cost_lines",
    "fct_llm_calls",
    "accruals",
    "commitment_balance",
    "invoice_reconciliation",
    "fct_allocated_costs",
)
FIRST, SECOND = date(2026, 10, 20), date(2026, 10, 21)
UNITS = f"units,provisioned_throughput,OpenAI,,{MODEL},48,USD,{FIRST},2026-10-22,"


def configure(places: Places, *rows: str) -> None:
    places.config.mkdir(exist_ok=True)
    text = "\n".join([HEADER, *(f"{row},me,me,agreed" for row in rows)])
    (places.config / "commitments.csv").write_text(text + "\n")


def call(name: str, day: date, at: str, tokens: tuple[int, int], **more: object) -> dict:
    return {
        "call_id": name, "called_at": f"{day}T{at}:00Z", "provider": "openai", "model": MODEL, "team": "search",
        "input_uncached_tokens": tokens[0], "output_tokens": tokens[1], "status": "success",
    } | more  # fmt: skip


CALLS = [
    # An output token costs four times an input token, so it takes as much room as four.
    call("in", FIRST, "10:00", (15_000, 0)), call("out", FIRST, "10:59", (0, 3_750), team="support"),
    # 60,000 fit into the hour: the second still finds room when it begins, the third does not.
    call("early", FIRST, "11:00", (30_000, 0)), call("last", FIRST, "11:10", (45_000, 0)),
    call("late", FIRST, "11:20", (1_000, 0)),
    # The log says itself which ran on it.
    call("told", SECOND, "00:30", (12_000, 0), service_tier="provisioned"),
    call("spilt", SECOND, "00:10", (5_000, 0), service_tier="standard"),
    call("batch", SECOND, "00:20", (5_000, 0), service_tier="batch"),
    call("other", SECOND, "00:40", (5_000, 0), model="gpt-4.1-2025-04-14"),
    # No price is known, and no capacity.
    call("quarter", SECOND, "05:00", (100, 0), provider="acme", model="own"),
    call("rest", SECOND, "05:30", (0, 300), provider="acme", model="own", team="support"),
    call("failed", SECOND, "06:30", (0, 0), provider="acme", model="own", status="failure"),
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """A dollar an hour at OpenAI, which an invoice shows; a euro an hour at Acme, which none does."""
    base = tmp_path_factory.mktemp("provisioned")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", datetime(2026, 11, 1))
    configure(
        places,
        f"{UNITS},1000",
        f"own-units,provisioned_throughput,acme,,,24,EUR,{SECOND},2026-10-22,,",
        "to-come,provisioned_throughput,globex,,,48,USD,2026-10-31,2026-11-02,,5",
    )
    # What is accrued has the rate of the month's end.
    rates = ("EUR,1.1,,2026-10-25,me,me,bank", "EUR,1.2,2026-10-25,,me,me,bank")
    header = "currency,usd_per_unit,valid_from,valid_to,owner,approved_by,reason"
    (places.config / "fx_rates.csv").write_text("\n".join([header, *rates]) + "\n")
    item = f"{MODEL}, input"
    costs = {FIRST: [(item, "0.0004")], SECOND: [(item, "0.003"), ("gpt-4.1-2025-04-14, input", "0.01")]}
    files = {
        "llm_calls/calls.jsonl": "\n".join(map(json.dumps, CALLS)),
        "openai_costs/page.json": json.dumps(report(costs)),
        "invoices/invoice.csv": "vendor,invoice_id,line,period,service,amount,currency,category\n"
        "OpenAI,OAI-1,1,2026-10,Provisioned throughput,48,USD,commitment",
    }
    for name, text in files.items():
        file = places.landing / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    warehouse.build(places, *MARTS, tests=True)
    yield places


def lines(places: Places, where: str) -> list[tuple]:
    return warehouse.query(
        places,
        "select charge_date, commitment_discount_status, cost_status, list_cost, billed_cost, effective_cost,"
        f" effective_cost_usd from core.fct_cost_lines where source = 'commitments' and {where} order by 1, 2 desc",
    )


def test_each_hours_cost_is_used_by_the_share_of_its_capacity_that_ran_and_the_rest_is_a_charge_of_its_own(built):
    # 0.5 of ten o'clock, all of eleven; the day after, a fifth of the first hour.
    assert lines(built, "vendor = 'openai'") == [
        (FIRST, "Used", "invoiced", *D("0.042", "0", "1.5", "1.5")),
        (FIRST, "Unused", "invoiced", *D(None, "0", "22.5", "22.5")),
        (SECOND, "Used", "invoiced", *D("0.0048", "0", "0.2", "0.2")),
        (SECOND, "Unused", "invoiced", *D(None, "0", "23.8", "23.8")),
    ]


def test_the_purchase_is_billed_once_and_all_parts_add_up_to_it(built: Places) -> None:
    found = warehouse.query(
        built,
        "select sum(billed_cost), sum(effective_cost), sum(effective_cost) filter (charge_category = 'Purchase')"
        " from core.fct_cost_lines where commitment_discount_id = 'units'",
    )
    assert found == [D("48", "48", "0")]


def test_a_call_bears_what_it_took_of_its_hour_and_one_without_room_what_the_bill_says(built: Places) -> None:
    found = {
        name: costs
        for name, *costs in warehouse.query(
            built, "select call_id, billed_cost_usd, effective_cost_usd from core.fct_llm_calls"
        )
    }
    assert {name: tuple(costs) for name, costs in found.items()} == {
        "in": D("0", "0.25"), "out": D("0", "0.25"), "early": D("0", "0.4"), "last": D("0", "0.6"),
        "late": D("0.0004", "0.0004"),
        "told": D("0", "0.2"), "spilt": D("0.002", "0.002"), "batch": D("0.001", "0.001"), "other": D("0.01", "0.01"),
        # No bill shows it yet.
        "quarter": D(None, "0.3"), "rest": D(None, "0.9"), "failed": D(None, "0"),
    }  # fmt: skip


def test_without_a_capacity_what_ran_bears_the_whole_hour_and_what_is_unused_is_unknown(built: Places) -> None:
    assert lines(built, "vendor = 'acme'") == [
        (SECOND, "Used", "accrued", *D(None, None, "1", "1.2")),
        # Of the hours in which nothing ran, nobody bears anything.
        (SECOND, "Unused", "accrued", *D(None, None, "23", "27.6")),
    ]
    found = warehouse.query(
        built,
        "select commitment_id, sum(purchased_amount), sum(drawn_amount), sum(expired_amount), sum(unused_amount),"
        " max(no_unused_reason), bool_or(is_billed) from finance.commitment_balance"
        " where month = date '2026-10-01' group by 1 order by 1",
    )
    assert found == [
        ("own-units", *D("24", "1", "23", None), "its capacity is not known", False),
        ("to-come", *D("48", "0", "24", "24"), None, False),
        ("units", *D("48", "1.7", "46.3", "46.3"), None, True),
    ]


def test_of_the_last_day_only_hours_that_have_begun_are_used_or_unused(built: Places) -> None:
    today = date(2026, 11, 1)
    assert [(day, cost) for day, *_, cost in lines(built, "vendor = 'globex'")] == [
        (date(2026, 10, 31), Decimal(24)),
        (today, Decimal(1)),
    ]
    balance = "select closing_amount from finance.commitment_balance where commitment_id = 'to-come' order by month"
    assert warehouse.query(built, balance) == [(Decimal(24),), (Decimal(23),)]


def test_those_whose_calls_ran_bear_what_is_used_and_nobody_what_is_unused(built: Places) -> None:
    found = warehouse.query(
        built,
        "select lines.vendor, lines.charge_date, parts.team, parts.part, parts.effective_cost,"
        " round(parts.effective_cost_usd, 12)"
        " from core.fct_allocated_costs as parts join core.fct_cost_lines as lines using (cost_line_id)"
        " where lines.source = 'commitments' and lines.vendor <> 'globex' order by all",
    )
    assert found == [
        ("acme", SECOND, "(unallocated)", "unused_commitment", *D("23", "27.6")),
        ("acme", SECOND, "search", "direct", *D("0.25", "0.3")),
        ("acme", SECOND, "support", "direct", *D("0.75", "0.9")),
        ("openai", FIRST, "(unallocated)", "unused_commitment", *D("22.5", "22.5")),
        ("openai", FIRST, "search", "direct", *D("1.25", "1.25")),
        ("openai", FIRST, "support", "direct", *D("0.25", "0.25")),
        ("openai", SECOND, "(unallocated)", "unused_commitment", *D("23.8", "23.8")),
        ("openai", SECOND, "search", "direct", *D("0.2", "0.2")),
    ]


def test_what_ran_on_it_is_neither_owed_at_its_price_nor_missed_on_a_bill(built: Places) -> None:
    owed = "select vendor, closing_usd from finance.accruals where month = date '2026-11-01' order by 1"
    assert warehouse.query(built, owed) == [
        ("acme", Decimal("28.8")),
        ("globex", Decimal(25)),
        ("openai", Decimal(0)),
    ]
    found = warehouse.query(
        built,
        "select source, cause, sum(amount_usd) from finance.invoice_reconciliation where vendor = 'openai'"
        " and cause <> 'none' group by all order by all",
    )
    assert found == [
        ("invoices", "prepaid_or_commitment", Decimal(48)),
        ("metered", "prepaid_or_commitment", Decimal("-0.0468")),
    ]


def test_another_capacity_rebuilds_the_days_of_the_term_alone(built: Places) -> None:
    """Continues on the same warehouse."""
    before = warehouse.fingerprints(built, "fct_llm_calls")
    rows = (built.config / "commitments.csv").read_text()
    (built.config / "commitments.csv").write_text(rows.replace(",1000,me", ",2000,me"))
    warehouse.build(built, "fct_llm_calls", "fct_cost_lines")
    after = warehouse.fingerprints(built, "fct_llm_calls")
    assert {day for day in after if after[day] != before.get(day)} == {FIRST, SECOND}
    # The call that found no room now does.
    [used, unused] = [cost for *_, cost in lines(built, f"vendor = 'openai' and charge_date = '{FIRST}'")]
    assert used + unused == 24
    assert abs(used - Decimal(30 + 76) / 120) < Decimal("1e-15")


@pytest.fixture(scope="module")
def shared(built: Places):
    """The model that says what each call bears of its hour, over calls and days of a test's own."""
    folder = built.home.parent / "target" / "compiled" / "costgrain" / "models" / "intermediate" / "committed"
    own = re.sub(r'[\w".]*"int_(\w+)"', r"int_\1", (folder / "int_provisioned_calls.sql").read_text())
    connection = duckdb.connect()
    texts = "environment, team, product, feature, workflow, customer_id".replace(",", " varchar,") + " varchar"
    classes = re.findall(r"coalesce\(calls\.(\w+)_tokens, 0\) = 0", own)
    connection.execute(
        "create table int_calls_priced (call_date date, source varchar, call_id varchar, called_at timestamp,"
        f" provider varchar, model varchar, account varchar, {texts}, service_tier varchar, price_key varchar,"
        " pricing_status varchar, is_gateway_cache_hit boolean, all_tokens bigint, list_cost_usd decimal(38, 18),"
        f" contracted_cost_usd decimal(38, 18), {', '.join(f'{one}_tokens bigint' for one in classes)});"
        "create table int_model_prices (call_date date, price_key varchar,"
        f" {', '.join(f'{one}_list_price decimal(18, 15)' for one in classes)});"
        "create table int_provisioned_days (commitment_id varchar, vendor varchar, account varchar, models varchar,"
        " billing_currency varchar, charge_date date, is_billed boolean, hour_capacity bigint,"
        " hour_cost decimal(38, 18), first_hour_cost decimal(38, 18));"
        "create table int_charge_rates (charge_date date, currency varchar, is_accrued boolean, invoice_date date,"
        " usd_per_unit decimal(19, 12));"
        "insert into int_model_prices (call_date, price_key, input_uncached_list_price, output_list_price)"
        f" values (date '{FIRST}', 'one', 0.000002, 0.00001)"
    )

    def run(calls: list[tuple], hour_cost: Decimal, first_hour_cost: Decimal, capacity: int | None) -> dict:
        connection.execute("delete from int_calls_priced; delete from int_provisioned_days")
        day = ("units", "v", None, "m", "USD", FIRST, True, capacity, hour_cost, first_hour_cost)
        connection.execute(f"insert into int_provisioned_days values ({', '.join('?' * len(day))})", day)
        connection.executemany(
            "insert into int_calls_priced (call_date, source, call_id, called_at, provider, model, service_tier,"
            f" price_key, pricing_status, is_gateway_cache_hit, input_uncached_tokens, output_tokens)"
            f" values (date '{FIRST}', 's', ?, ?, 'v', 'm', ?, 'one', 'priced', false, ?, ?)",
            calls,
        )
        return dict(connection.execute(f"select call_id, used_cost from ({own})").fetchall())

    return run


COST = st.decimals(min_value=Decimal("1e-18"), max_value=Decimal("1000000"), places=18)
CALL = st.tuples(
    st.integers(0, 3 * 3600 - 1),
    st.sampled_from(["standard", "standard", "default", "provisioned", "batch"]),
    st.integers(0, 50_000),
    st.integers(0, 9_000),
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(CALL, min_size=1, max_size=12), COST, COST, st.none() | st.integers(1, 200_000), st.booleans()
)  # fmt: skip
def test_whatever_runs_each_hour_is_borne_by_its_share_of_the_capacity_and_no_digit_is_lost(
    shared, made, hour_cost, first_hour_cost, capacity, is_told
):
    calls = [
        (f"{n:02}", datetime.combine(FIRST, datetime.min.time()) + timedelta(seconds=second), tier, *tokens)
        for n, (second, tier, *tokens) in enumerate(made)
        if is_told or tier != "provisioned"
    ]
    if not calls:
        return
    found = shared(calls, hour_cost, first_hour_cost, capacity)
    # The same, one call after another.
    log_tells = any(tier == "provisioned" for _, _, tier, *_ in calls)
    taken: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for name, at, tier, tokens_in, tokens_out in sorted(calls, key=lambda call: (call[1], call[0])):
        room = capacity is None or sum(taken[at.hour].values()) < capacity
        if tier == "provisioned" or (not log_tells and tier != "batch" and room):
            taken[at.hour][name] = tokens_in + 5 * tokens_out
    assert set(found) == {name for names in taken.values() for name in names}
    with localcontext(prec=60):
        for hour, names in taken.items():
            cost = hour_cost if hour else first_hour_cost
            borne = sum(found[name] for name in names)
            used = sum(names.values())
            near = Decimal("1e-15") * max(1, cost)
            if not used:
                assert borne == 0
            elif capacity is None or used >= capacity:
                assert borne == cost
            else:
                assert 0 <= borne <= cost and abs(borne - cost * used / capacity) <= near
            for name, tokens in names.items():
                assert abs(found[name] - (borne * tokens / used if used else 0)) <= near


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([f"{UNITS},0"], "row 2, column capacity: '0' is not positive"),
        (["a,prepaid,openai,,,5,USD,2026-09-01,,,1000"], "row 2, column capacity: a prepaid has none"),
        (
            ["a,provisioned_throughput,openai,,,5,USD,2026-09-01,,,"],
            "column valid_to: is empty, but a provisioned throughput has an end",
        ),
        (
            [f"{UNITS},1000", f"more-{UNITS},500"],
            f"rows 2 and 3: both hold for OpenAI, every account, {MODEL} from {FIRST} on",
        ),
    ],
)
def test_capacity_that_cannot_be_is_refused_by_its_row(places: Places, rows: list[str], said: str) -> None:
    configure(places, *rows)
    with pytest.raises(config.ConfigError) as refused:
        config.check(places)
    assert said in str(refused.value)
