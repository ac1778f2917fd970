"""A receipt prints what the outcome bears, and nothing that another one does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb

from orchestration import receipt

MARTS = """
    create schema core;
    create schema unit_economics;
    create table unit_economics.outcome_costs as
        select *, null::decimal(38, 18) as infrastructure_cost_usd, null::decimal(38, 18) as licences_cost_usd,
            null::decimal(38, 18) as human_minutes, null::decimal(38, 18) as human_work_cost_usd,
            null::decimal(38, 18) as failed_attempts_cost_usd, null::decimal(38, 18) as unknown_attempts_cost_usd
        from (values
            ('first', date '2026-10-01', timestamp '2026-10-01 12:00:00', 'session',
                0.333333333333333334::decimal(38, 18)),
            ('second', date '2026-10-01', timestamp '2026-10-01 13:00:00', 'session', 0.333333333333333333),
            ('third', date '2026-10-01', timestamp '2026-10-01 13:00:00', 'session', 0.333333333333333333),
            ('days later', date '2026-10-20', timestamp '2026-10-20 13:00:00', 'session', 5)
        ) as t (outcome_id, run_date, occurred_at, trace_ids, ai_cost_usd);
    create table core.fct_traces as from (values
        ('session', date '2026-10-01', timestamp '2026-10-01 10:00:00', timestamp '2026-10-01 10:05:00'),
        ('session', date '2026-10-20', timestamp '2026-10-20 10:00:00', timestamp '2026-10-20 10:00:00')
    ) as t (trace_id, trace_date, started_at, ended_at);
    create table core.fct_llm_calls as
        select *, called_at::date as call_date, 'm' as model, 'success' as status, null as retry_of,
            'priced' as pricing_status, null as unpriced_reason, 'openai' as provider, 'openai' as price_provider,
            'm' as price_model,
            effective_cost_usd as contracted_cost_usd, null::decimal(38, 18) as billed_cost_usd
        from (values
            ('a', 'session', timestamp '2026-10-01 10:00:00', 0.4::decimal(38, 18)),
            ('b', 'session', timestamp '2026-10-01 10:05:00', 0.6),
            ('c', 'session', timestamp '2026-10-20 10:00:00', 5)
        ) as t (call_id, trace_id, called_at, effective_cost_usd);
    create table core.fct_tool_calls as select *, called_at::date as call_date from (values
        ('search', 'session', timestamp '2026-10-01 10:01:00', 2.5::decimal(18, 6)),
        (null, 'session', timestamp '2026-10-04 10:05:30', null),
        ('search', 'session', timestamp '2026-10-20 09:59:00', 1)
    ) as t (tool, trace_id, called_at, duration_seconds);
    create table core.fct_cost_lines (
        invoice_id varchar, source_row bigint, source varchar, vendor varchar, cost_status varchar, charge_date date,
        charge_period_end timestamp, charge_category varchar, model varchar
    );
"""


def test_outcomes_of_one_run_share_its_calls_and_runs_of_another_day_are_anothers() -> None:
    with duckdb.connect() as marts:
        marts.execute(MARTS)
        for name, calls, shared in (("first", "ab", True), ("second", "ab", True), ("days later", "c", False)):
            outcome = receipt.outcome_of(marts, name)
            found = receipt.calls_of(marts, outcome)
            assert "".join(call[1] for call in found) == calls
            [(what, basis, amount)] = receipt.lines(outcome, found)
            assert (what, amount) == ("Calls", Decimal(outcome["ai_cost_usd"]))
            assert ("shared evenly" in basis) == shared


def test_the_tools_that_its_runs_called_are_on_the_receipt_without_a_cost(capsys) -> None:
    with duckdb.connect() as marts:
        marts.execute(MARTS)
        tools = {name: receipt.tools_of(marts, receipt.outcome_of(marts, name)) for name in ("first", "days later")}
    assert [(tool, seconds) for _, tool, seconds, _ in tools["first"]] == [
        ("search", Decimal("2.5")),
        ("(unnamed)", None),
    ]
    assert [(tool, seconds) for _, tool, seconds, _ in tools["days later"]] == [("search", 1)]
    receipt._print_tools(receipt.wide_console(), tools["first"])
    printed = capsys.readouterr().out
    assert "2.500" in printed and "no source says" in printed


def test_the_average_is_cited_by_the_metric_of_the_outcomes_type_where_the_workflow_has_no_other() -> None:
    outcome = {
        "outcome_type": "support_case", "status": "success", "attempt_count": 1, "run_date": date(2026, 10, 3),
    }  # fmt: skip
    with duckdb.connect() as marts:
        marts.execute("""
            create schema unit_economics;
            create table unit_economics.unit_costs as
                select *, 'workflow' as target_type, 'month' as period_grain, date '2026-10-01' as period_start,
                    'fully_loaded' as cost_basis, 1 as value_low_usd, 2 as value_usd
                from (values
                    ('resolved_support_case', 'one type', 3), ('business_outcome', 'one type', 3),
                    ('resolved_support_case', 'two types', 4), ('business_outcome', 'two types', 3),
                    ('generated_document', 'two types', 3)
                ) as t (metric, target, value_high_usd)
        """)
        found = {name: receipt.average_of(marts, outcome | {"workflow": name}) for name in ("one type", "two types")}
    assert found == {"one type": ("resolved_support_case", 1, 2, 3), "two types": ("business_outcome", 1, 2, 3)}


def test_what_led_nowhere_says_that_human_work_is_in_it_and_shared_costs_are_named_as_such() -> None:
    costs = ("ai", "infrastructure", "licences", "human_work", "failed_attempts", "unknown_attempts")
    outcome = dict.fromkeys((f"{cost}_cost_usd" for cost in costs), Decimal(1)) | {"human_minutes": Decimal(2)}
    said = [" ".join(line[:2]) for line in receipt.lines(outcome | {"unknown_attempts_cost_usd": None}, ())]
    assert any("failed" in line and "with human work" in line for line in said)
    assert any("tools and other shared costs" in line and "tax that is not given back" in line for line in said)


def test_a_receipt_says_how_its_runs_are_known_or_that_none_is() -> None:
    link = {"attempt_count": 1, "link_method": "customer_workflow_window", "link_confidence": Decimal("0.5")}
    assert receipt.linked(link) == "1 run linked by customer_workflow_window, 50 % sure"
    assert receipt.linked(link | {"attempt_count": 2}).startswith("2 runs linked by")
    assert receipt.linked(link | {"attempt_count": 0}) == "no run of it is known"


def test_a_call_names_the_lines_of_the_bills_that_it_is_on() -> None:
    with duckdb.connect() as marts:
        marts.execute(MARTS)
        marts.execute("""
            insert into core.fct_cost_lines
                select 'O-1', row, 'invoices', 'openai', 'invoiced', date '2026-10-01', timestamp '2026-10-02', 'Usage',
                    model
                from (values (7, 'm'), (9, null), (3, 'another')) as t (row, model)
        """)
        found = receipt.calls_of(marts, receipt.outcome_of(marts, "first"))
        assert [call[11] for call in found] == ["O-1 row 7, O-1 row 9"] * 2
        marts.execute("insert into core.fct_cost_lines from core.fct_cost_lines where source_row <> 3")
        marts.execute("update core.fct_cost_lines set invoice_id = 'O-2', model = 'm' where source_row = 3")
        found = receipt.calls_of(marts, receipt.outcome_of(marts, "first"))
        assert [call[11] for call in found] == ["O-1, O-2 (5 lines)"] * 2


def test_a_share_names_the_bills_of_the_days_of_the_runs_whenever_these_begin() -> None:
    outcome = {
        "outcome_id": "case", "trace_ids": "asked, again", "workflow": "answer", "attempt_count": 2,
        "ai_cost_usd": None,
        "infrastructure_cost_usd": Decimal(3), "licences_cost_usd": Decimal(2), "human_work_cost_usd": None,
        "failed_attempts_cost_usd": None, "unknown_attempts_cost_usd": None,
    }  # fmt: skip
    with duckdb.connect() as marts:
        marts.execute("""
            create schema core;
            create schema unit_economics;
            create table unit_economics.outcome_costs as
                select 'case' as outcome_id, date '2026-10-03' as run_date, timestamp '2026-10-20 09:00' as occurred_at,
                    'asked, again' as trace_ids;
            create table core.fct_traces as
                select *, started_at::date as trace_date, started_at as ended_at from (values
                    ('asked', timestamp '2026-10-03 10:00'), ('again', timestamp '2026-10-04 10:00')
                ) as t (trace_id, started_at);
            create table core.fct_cost_lines as from (values
                (1, 'pinecone', 'P-1', 'invoices', null), (2, 'draftwise', null, 'licences', null),
                (3, 'openai', 'O-1', 'invoices', 'gpt'), (4, 'aws', 'A-1', 'aws_cur', null),
                (5, 'yearly', 'Y-1', 'licences', null), (6, 'later', 'L-1', 'invoices', null)
            ) as t (cost_line_id, vendor, invoice_id, source, model);
            create table core.fct_allocated_costs as
                select *, 1 as effective_cost_usd from (values
                    (1, 'answer', 'vectors', date '2026-10-04', date '2026-10-04'),
                    (2, 'answer', 'seats', date '2026-10-01', date '2026-10-31'),
                    (3, 'answer', 'own-usage > split', date '2026-10-03', date '2026-10-03'),
                    (3, 'answer', 'tax', date '2026-10-03', date '2026-10-03'),
                    (4, 'other', 'nodes', date '2026-10-03', date '2026-10-03'),
                    (4, 'answer', 'unreconciled', date '2026-10-03', date '2026-10-03'),
                    (5, 'answer', 'seats', date '2026-07-01', date '2027-06-30'),
                    (6, 'answer', 'vectors', date '2026-10-05', date '2026-10-31')
                ) as t (cost_line_id, workflow, rule_path, part_from, part_to);
        """)
        bills = receipt.bills_of(marts, outcome)
    assert bills == {"infrastructure_cost_usd": "pinecone P-1", "licences_cost_usd": "draftwise licences, yearly Y-1"}
    said = {what: basis for what, basis, _ in receipt.lines(outcome, (), bills)}
    assert said["Share of licences"].endswith("; bills of its days: draftwise licences, yearly Y-1")
