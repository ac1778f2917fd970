"""Law 6: what was issued never changes; what is known later is an adjustment in the first open month."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal as D
from pathlib import Path

import pytest
import warehouse

from orchestration import close as closing
from orchestration import closed_months, config, explain, preview, run
from orchestration.close import close
from orchestration.errors import MendableError
from orchestration.ledger import LedgerError, config_states
from orchestration.ledger.files import append
from orchestration.ledger.statements import closes
from orchestration.places import ROOT, Places

RULES = "rule_id,priority,provider,service,charge_category,method,driver,valid_from,valid_to,owner,approved_by,reason"
ORG = "team,cost_centre,legal_entity,gl_account,statement_kind,valid_from,valid_to,owner,approved_by,reason"
PERIODS = "month,cost_centre,status,note,valid_from,valid_to,owner,approved_by,reason"
RATES = "currency,usd_per_unit,valid_from,valid_to,owner,approved_by,reason"
# What a close reads, and nothing else.
NEEDED = (
    "chargeback_statement",
    "rule_changes",
    "run_info",
    "data_findings",
    "invoice_reconciliation",
    "dim_team_places",
    "fct_cost_lines",
    "fct_allocated_costs",
)
# What shows a statement as issued, or what became of it: nothing else of the marts is made from that.
ISSUED = ("--select", "stg_company__closed_periods", "chargeback_statement")
EVERYTHING = "select * from finance.chargeback_statement where statement_month = date '{}-01' order by statement_id"


def set_up(places: Places, name: str, header: str, *rows: str) -> None:
    places.config.mkdir(exist_ok=True)
    (places.config / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")


def land(places: Places, path: str, *rows: str) -> None:
    file = places.landing / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(rows) + "\n")


def invoice(places: Places, name: str, period: str, amount: str, category: str = "observability") -> None:
    header = "vendor,invoice_id,line,period,service,amount,currency,category"
    land(places, f"invoices/{name}.csv", header, f"Lumen,{name},1,{period},Events,{amount},USD,{category}")


def statement(places: Places, month: str) -> list[tuple]:
    return warehouse.published(places, EVERYTHING.format(month))


def lines(places: Places, where: str = "true") -> list[tuple]:
    return warehouse.published(
        places,
        "select strftime(statement_month, '%m'), strftime(usage_month, '%m'), cost_centre, team, part, cost_status,"
        f" reason, amount_usd from finance.chargeback_statement where {where} and amount_usd <> 0 order by all",
    )


def adds_up(places: Places) -> bool:
    """By usage month the statement is the allocated costs, exactly."""
    by_month = "select usage_month, sum({}), sum(billed_cost_usd) from {} group by all order by all"
    return warehouse.published(places, by_month.format("amount_usd", "finance.chargeback_statement")) == (
        warehouse.published(places, by_month.format("effective_cost_usd", "core.fct_allocated_costs"))
    )


@pytest.fixture
def company(places: Places) -> Places:
    """Two teams that call half and half and share the invoice of a third vendor; one moves in mid-month."""
    set_up(
        places, "org_hierarchy", ORG,
        "search,CC-1,Acme,1,chargeback,,2026-09-16,me,me,",
        "search,CC-2,Acme,1,chargeback,2026-09-16,,me,me,moved",
        "support,CC-3,Acme,1,,,,me,me,",
    )  # fmt: skip
    set_up(places, "allocation_rules", RULES, "lumen,10,Lumen,,,usage,calls,2026-01-01,,me,me,everyone uses it")
    calls = [
        f"{team}-{month}-{day},2026-{month}-{day}T10:00:00Z,openai,gpt-4.1-mini-2025-04-14,1000000,0,{team},success"
        for team in ("search", "support")
        for month in ("09", "10")
        for day in ("10", "20")
    ]
    land(
        places, "llm_calls/calls.csv",
        "call_id,called_at,provider,model,input_uncached_tokens,output_tokens,team,status", *calls,
    )  # fmt: skip
    invoice(places, "september", "2026-09", "30.00")
    invoice(places, "october", "2026-10", "60.00")
    return replace(places, now=datetime(2026, 11, 2))


def test_a_closed_month_never_changes_and_what_is_known_later_is_adjusted_in_the_open(company, capsys):
    warehouse.publish(company, *NEEDED)
    # A call costs 0.40; a team bears a day where it stood on that day.
    own = [
        line
        for line in lines(company, "usage_month = date '2026-09-01' and part = 'direct' and team <> '(unallocated)'")
    ]
    assert own == [
        ("09", "09", "CC-1", "search", "direct", "accrued", None, D("0.4")),
        ("09", "09", "CC-2", "search", "direct", "accrued", None, D("0.4")),
        ("09", "09", "CC-3", "support", "direct", "accrued", None, D("0.8")),
    ]
    kinds = "select distinct cost_centre, statement_kind from finance.chargeback_statement where cost_centre like 'CC%'"
    assert dict(warehouse.published(company, kinds)) == {"CC-1": "chargeback", "CC-2": "chargeback", "CC-3": "showback"}
    with pytest.raises(MendableError, match="2026-09 is open and has costs"):
        close(company, "2026-10", accept="no")
    with pytest.raises(MendableError, match=r"costgrain close 2026-09 --demo\."):
        close(replace(company, is_demo=True), "2026-10", accept="no")
    with pytest.raises(MendableError, match="2026-11 has not ended"):
        close(company, "2026-11", accept="no")
    with pytest.raises(MendableError) as refused:
        close(company, "2026-09")
    assert "missing invoices: openai 1.60" in str(refused.value) and "Land the bills" in str(refused.value)
    assert not closes(company)
    close(company, "2026-09", accept="the bill comes next week", by="cfo")
    [issued] = closes(company)
    assert (issued.closed_by, issued.accepted_reason) == ("cfo", "the bill comes next week")
    assert "accruals: openai 1.60" in issued.accepted_items
    ledger = {file: file.read_bytes() for file in company.ledger.rglob("*.json")}

    warehouse.publish(company, options=ISSUED)
    september = statement(company, "2026-09")
    assert {line[-1] for line in lines(company, "status = 'issued'")} == {
        D(line["amount_usd"]) for line in issued.lines
    }
    assert not lines(company, "part = 'adjustment'")
    capsys.readouterr()
    close(company, "2026-09", accept="once more")
    assert "2026-09 is closed" in capsys.readouterr().out
    assert {file: file.read_bytes() for file in company.ledger.rglob("*.json")} == ledger

    # The bill of the models comes late, with a tenth more; another rule; home is lost.
    land(
        company, "invoices/openai.csv",
        "vendor,invoice_id,line,period,service,amount,currency,category",
        "OpenAI,O-9,1,2026-09,API,1.76,USD,model API",
    )  # fmt: skip
    set_up(company, "allocation_rules", RULES, "lumen,10,Lumen,,,none,,2026-01-01,,me,me,nobody uses it")
    shutil.rmtree(company.home)
    warehouse.publish(company, *NEEDED)
    assert statement(company, "2026-09") == september
    assert adds_up(company)
    adjusted = lines(company, "part = 'adjustment'")
    assert {line[:2] for line in adjusted} == {("10", "09")}
    assert sum(line[-1] for line in adjusted) == D("0.16")
    accruals = [line[2:] for line in adjusted if line[5] == "accrued"]
    assert accruals == [
        ("CC-1", "search", "adjustment", "accrued", "reversed_accrual", D("-0.4")),
        ("CC-2", "search", "adjustment", "accrued", "reversed_accrual", D("-0.4")),
        ("CC-3", "support", "adjustment", "accrued", "reversed_accrual", D("-0.8")),
    ]
    assert {line[6] for line in adjusted if line[5] == "invoiced"} == {"late_charge"}

    # Closing October freezes the adjustment too; what changes then stands in November.
    close(company, "2026-10", accept="estimated")
    warehouse.publish(company, options=ISSUED)
    october = statement(company, "2026-10")
    assert {line[:2] for line in lines(company, "part = 'adjustment'")} == {("10", "09")}
    invoice(company, "september", "2026-09", "31.00")
    set_up(company, "org_hierarchy", ORG, "search,CC-1,Acme,1,chargeback,,,me,me,", "support,CC-3,Acme,1,,,,me,me,")
    warehouse.publish(company, "chargeback_statement", "dim_team_places", "fct_cost_lines", "rule_changes")
    assert (statement(company, "2026-09"), statement(company, "2026-10")) == (september, october)
    assert adds_up(company)
    # Half of the bill of the whole month was of the days after the team had moved, and goes back with them.
    late = lines(company, "statement_month = date '2026-11-01'")
    assert [(*line[1:-1], round(line[-1], 9)) for line in late] == [
        ("09", "(unassigned)", "(unallocated)", "adjustment", "invoiced", "late_charge", D("1")),
        ("09", "CC-1", "search", "adjustment", "invoiced", "reallocated", D("0.4")),
        ("09", "CC-2", "search", "adjustment", "invoiced", "reallocated", D("-0.4")),
        ("10", "CC-1", "search", "adjustment", "accrued", "reallocated", D("0.8")),
        ("10", "CC-2", "search", "adjustment", "accrued", "reallocated", D("-0.8")),
    ]
    assert warehouse.published(
        company, "select change, count(*) from governance.rule_changes where state_number > 1 group by 1 order by 1"
    ) == [("changed", 2), ("removed", 1)]
    [(old, new)] = warehouse.published(
        company, "select old_values, new_values from governance.rule_changes where config_file = 'allocation_rules.csv'"
        " and change = 'changed'",
    )  # fmt: skip
    assert (json.loads(old)["method"], json.loads(new)["method"]) == ("usage", "none")
    a_line_is_explained_down_to_rows_of_files_and_adds_up(company, capsys)
    other_rules_are_tried_without_being_used(company)


def a_line_is_explained_down_to_rows_of_files_and_adds_up(company: Places, capsys) -> None:
    """Continues on the same marts."""
    found = "select statement_id from finance.chargeback_statement where statement_month = date '{}-01' and {}"

    def explained(month: str, which: str) -> str:
        [(line,)] = warehouse.published(company, found.format(month, which))
        capsys.readouterr()
        explain.explain(company, line[:8])
        return " ".join(capsys.readouterr().out.split())

    said = explained("2026-10", "part = 'adjustment' and cost_status = 'accrued' and cost_centre = 'CC-3'")
    assert "It was 0.800000, and became 0.000000: adjusted by -0.800000." in said
    assert "all, as it is known now 0.000000" in said
    # The bill of the models: who bears it, by which rule, of which row of which file.
    said = explained("2026-10", "part = 'adjustment' and cost_status = 'invoiced' and team = 'support'")
    assert "invoices/openai.csv" in said and " O-9 1 1 usage-of-openai 1.760000 0.454545 0.800000" in said
    # What was issued is not what is known now, and the page says where the difference stands.
    said = explained("2026-09", "team = '(unallocated)'")
    assert " 28.000000 2026-10 adjustment late_charge" in said and " 2026-11 adjustment late_charge" in said
    assert said.count(" 31.160000") == 3  # by statement, by rule and by charge
    assert "invoices/september.csv" in said
    with pytest.raises(MendableError, match="No line of a statement is or begins with nothing"):
        explain.explain(company, "nothing")


def test_what_a_line_became_is_with_what_exchange_rates_made_of_it(capsys):
    late = {"statement_month": date(2026, 10, 1), "part": "adjustment", "reason": "late_charge", "amount_usd": D(110)}
    rates = late | {"reason": "fx", "amount_usd": D(-5)}
    lines = [
        (line["statement_month"], line["part"], line["reason"], "draft", "1", line["amount_usd"], line["reason"])
        for line in (rates, late)
    ]
    explain._print_lines(explain.wide_console(), late | {"statement_id": "late_charge"}, lines)
    said = " ".join(capsys.readouterr().out.split())
    assert "all, as it is known now 105.000000" in said
    assert "It was 0.000000, and became 105.000000: adjusted by 110.000000, and by -5.000000 of exchange rates." in said


def other_rules_are_tried_without_being_used(company: Places) -> None:
    """Continues on the same marts."""
    marts = company.published_marts.read_bytes()
    other = company.landing.parent / "other_rules.csv"
    other.write_text(f"{RULES}\nlumen,10,Lumen,,,usage,calls,2026-01-01,,me,me,everyone uses it\n")
    found = preview.compare(company, other)
    assert (f"{found.month:%Y-%m}", found.is_closed) == ("2026-10", True)
    # October has 31 days, and calls on two of them.
    moved = {target: found.moved(target) for target in found.before if found.moved(target)}
    assert sum(moved.values()) == 0
    assert {target: round(amount * 31, 9) for target, amount in moved.items()} == {
        ("team", "search"): 60, ("team", "support"): 60, ("team", "(unallocated)"): -120,
    }  # fmt: skip
    # A rule of closed months would need more than a run.
    assert any("allocation_rules.csv, row 2: says of 2026-10, which is closed" in said for said in found.refused)
    assert company.published_marts.read_bytes() == marts == company.built_marts.read_bytes()
    assert not list(company.home.glob("preview-*"))
    other.write_text(f"{RULES}\nlumen,10,Lumen,,,usage,caals,2026-01-01,,me,me,\n")
    with pytest.raises(config.ConfigError, match=r"row 2 \(lumen\), column driver: 'caals'"):
        preview.compare(company, other)


def test_an_open_dispute_stops_the_next_close_and_another_currency_stands_beside(company):
    header = "rule_id,priority,provider,method,targets,owner,approved_by,reason"
    rule = "lumen,10,Lumen,direct,team=support,me,me,only support uses it"
    set_up(company, "allocation_rules", header, rule, "wire,20,Wire,direct,team=serch,me,me,")
    land(
        company, "invoices/wire.csv", "vendor,invoice_id,line,period,service,amount,currency,category",
        "Wire,W,1,2026-10,Transfer,5,USD,observability",
    )  # fmt: skip
    set_up(company, "fx_rates", RATES, "EUR,1.25,2026-09-30,,me,me,bank")
    for month, amount in (("09", "1.60"), ("10", "1.60")):
        land(
            company, f"invoices/openai-{month}.csv",
            "vendor,invoice_id,line,period,service,amount,currency,category",
            f"OpenAI,O-{month},1,2026-{month},API,{amount},USD,model API",
        )  # fmt: skip
    warehouse.publish(company, *NEEDED, options=["--vars", json.dumps({"reporting_currency": "EUR"})])
    assert warehouse.published(
        company, "select distinct reporting_currency, reporting_gap, round(amount_usd / reporting_amount, 6)"
        " from finance.chargeback_statement where amount_usd <> 0",
    ) == [("EUR", None, 1.25)]  # fmt: skip
    close(company, "2026-09")
    # What was issued in euros stays so.
    euros = statement(company, "2026-09")
    set_up(company, "closed_periods", PERIODS, "2026-09-01,CC-3,disputed,too much,,,me,me,")
    warehouse.publish(company, options=ISSUED)
    assert [line[-1] for line in statement(company, "2026-09")] == [line[-1] for line in euros]
    statuses = "select cost_centre, status from finance.chargeback_statement where statement_month = date '2026-09-01'"
    assert set(warehouse.published(company, statuses)) == {
        ("CC-1", "issued"), ("CC-2", "issued"), ("CC-3", "disputed"),
    }  # fmt: skip
    with pytest.raises(MendableError, match=r"\n  disputes: 2026-09 CC-3 30\.80\n.*closed_periods") as refused:
        close(company, "2026-10")
    # A team that the books do not know cannot be charged.
    assert "unmapped spend: no cost centre of team serch 5.00" in str(refused.value)
    teams = (company.config / "org_hierarchy.csv").read_text().splitlines()
    set_up(company, "org_hierarchy", *teams, "serch,CC-1,Acme,1,chargeback,2026-10-01,,me,me,as it is spelled there")
    set_up(company, "closed_periods", PERIODS, "2026-09-01,,accepted,settled,,,me,me,")
    warehouse.publish(company, "chargeback_statement", "dim_team_places")
    assert warehouse.published(company, "select distinct status from finance.chargeback_statement order by 1") == [
        ("accepted",), ("draft",),
    ]  # fmt: skip
    close(company, "2026-10")
    assert [found.accepted_items for found in closes(company)] == [[], []]


def issued(places: Places, month: str) -> None:
    """A ledger in which a month is closed, with config as it is now."""
    from orchestration.ledger.statements import Close, issue

    config_states.record(places)
    issue(places, Close(month, "2026-10-02 00:00:00", "cfo", [], None, "rules", 1, []))


def test_a_rule_that_starts_inside_a_closed_month_is_refused_unless_it_is_accepted_once(places):
    rule = "lumen,10,Lumen,,,usage,calls,2026-09-01,,me,me,everyone uses it"
    set_up(places, "allocation_rules", RULES, rule)
    issued(places, "2026-09")
    closed_months.check(places)
    # Who says so and why may change; what it says may not.
    set_up(places, "allocation_rules", RULES, rule.replace("everyone uses it", "agreed"))
    closed_months.check(places)
    late = "vectors,20,AWS,,,usage,calls,2026-09-15,,me,me,late"
    october = "storage,30,AWS,,,none,,2026-10-01,,me,me,in time"
    set_up(places, "allocation_rules", RULES, rule, "", late, october)
    with pytest.raises(closed_months.ClosedMonthError) as refused:
        closed_months.check(places)
    assert "allocation_rules.csv, row 4, column valid_from: 2026-09-15 lies in 2026-09" in str(refused.value)
    assert "2026-10-01 or later" in str(refused.value) and "--as-adjustment" in str(refused.value)
    assert str(refused.value).count(", row ") == 1
    closed_months.accept(places)
    closed_months.check(places)
    set_up(places, "allocation_rules", RULES, rule, late.replace("calls", "tokens"))
    with pytest.raises(closed_months.ClosedMonthError):
        closed_months.check(places)
    closed_months.accept(places)
    closed_months.check(places)
    # What was accepted is then what holds: to undo it is a change, too.
    set_up(places, "allocation_rules", RULES, rule)
    with pytest.raises(
        closed_months.ClosedMonthError, match=r"the row of vectors held in 2026-09, which is closed, and"
    ):
        closed_months.check(places)


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        (
            ["{rule}", "vectors,20,AWS,,,usage,calls,,,me,me,always"],
            "row 3: says of 2026-09, which is closed, what was",
        ),
        (["{rule}", "vectors,20,AWS,,,usage,calls,2026-08-01,,me,me,"], "row 3: says of 2026-09"),
        (["lumen,10,Lumen,,,usage,tokens,,,me,me,"], "row 2: says of 2026-09"),
        (["lumen,10,Lumen,,,usage,calls,,2026-09-15,me,me,"], "row 2: says of 2026-09"),
        ([], "the row of lumen held in 2026-09, which is closed, and is gone."),
    ],
)
def test_whatever_says_otherwise_of_a_closed_month_is_refused_until_it_is_accepted(places, rows, finding):
    rule = "lumen,10,Lumen,,,usage,calls,,,me,me,everyone uses it"
    set_up(places, "allocation_rules", RULES, rule)
    issued(places, "2026-09")
    # It may end, and another follow, once the month is over; and what no statement is made of may change.
    following = "lumen,10,Lumen,,,none,,2026-10-01,,me,me,"
    set_up(places, "allocation_rules", RULES, rule.replace("calls,,", "calls,,2026-10-01"), following)
    set_up(places, "value_baselines", "workflow,minutes_saved,usd_per_hour", "answer,5,40")
    closed_months.check(places)
    set_up(places, "allocation_rules", RULES, *(row.format(rule=rule) for row in rows))
    with pytest.raises(closed_months.ClosedMonthError) as refused:
        closed_months.check(places)
    assert finding in str(refused.value)
    assert str(refused.value).count("allocation_rules.csv") == 1
    closed_months.accept(places)
    closed_months.check(places)


def test_what_is_accepted_holds_for_all_closed_months_at_once(places):
    rule = "lumen,10,Lumen,,,usage,calls,2026-01-01,{},me,me,"
    set_up(places, "allocation_rules", RULES, rule.format(""))
    for month in ("2026-07", "2026-08"):
        issued(places, month)
    set_up(places, "allocation_rules", RULES, rule.format("2026-08-15"))
    closed_months.accept(places)
    closed_months.check(places)


def test_a_rate_without_an_end_and_a_confirmed_price_concern_no_month_that_they_do_not_hold_in(places):
    january, february = "EUR,1.25,2026-01-01,{},me,me,bank", "EUR,1.2,2026-02-01,,me,me,bank"
    set_up(places, "fx_rates", RATES, january.format(""), february)
    issued(places, "2026-09")
    set_up(places, "fx_rates", RATES, january.format("2026-02-01"), february)
    closed_months.check(places)
    set_up(places, "fx_rates", RATES, february)
    closed_months.check(places)
    header = (ROOT / "seeds" / "company" / "price_confirmations.csv").read_text().splitlines()[0]
    values = {"approved_by": "me", "owner": "me"}
    set_up(places, "price_confirmations", header, ",".join(values.get(name, "1") for name in header.split(",")))
    closed_months.check(places)


def test_what_an_earlier_version_accepted_is_still_read(places):
    rule = "lumen,10,Lumen,,,usage,calls,,,me,me,everyone uses it"
    set_up(places, "allocation_rules", RULES, rule)
    issued(places, "2026-09")
    changed = rule.replace("calls", "tokens")
    set_up(places, "allocation_rules", RULES, changed)
    [late] = [late for late in closed_months.backdated(places) if late.number]
    old = {"accepted_at": "2026-10-03 00:00:00", "rows": [[late.file, late.row]]}
    append(places.ledger / "accepted", "000001-", ".json", json.dumps(old).encode())
    closed_months.check(places)


def test_a_run_refuses_such_a_rule_before_it_begins_and_is_told_once(places, monkeypatch):
    issued(places, "2026-09")
    set_up(places, "fx_rates", RATES, "EUR,1.25,2026-09-30,,me,me,bank")
    monkeypatch.setattr(run, "_execute", lambda full_refresh: [])
    monkeypatch.setattr(run, "set_environment", lambda places: None)
    with pytest.raises(closed_months.ClosedMonthError, match=r"fx_rates\.csv, row 2"):
        run.run(places)
    run.run(places, as_adjustment=True)
    run.run(places)


def test_a_status_is_of_a_closed_month_and_a_cost_centre_that_bears_something_of_it(places):
    issued(places, "2026-09")
    set_up(places, "closed_periods", PERIODS, "2026-10-01,,accepted,,,,me,me,")
    with pytest.raises(
        closed_months.ClosedMonthError, match=r"closed_periods\.csv, row 2, column month: 2026-10 is not"
    ):
        closed_months.check(places)
    set_up(places, "closed_periods", PERIODS, "2026-09-01,CC-9,disputed,,,,me,me,")
    with pytest.raises(
        closed_months.ClosedMonthError, match=r"row 2, column cost_centre: the statement of 2026-09 has no 'CC-9'"
    ):
        closed_months.check(places)
    set_up(places, "closed_periods", PERIODS, "2026-10-02,,accepted,,,,me,me,")
    with pytest.raises(config.ConfigError, match=r"row 2, column month: 2026-10-02 is not the first day .* 2026-10-01"):
        config.check(places)


def test_a_changed_or_doubled_statement_in_the_ledger_is_an_error(places):
    issued(places, "2026-09")
    [file] = (places.ledger / "statements").iterdir()
    text = file.read_text()
    file.write_text(text.replace("cfo", "me"))
    with pytest.raises(LedgerError, match="was changed after it was written"):
        closes(places)
    file.write_text(text)
    issued(replace(places, config=Path("/none")), "2026-09")
    assert len(closes(places)) == 1
    from orchestration.ledger.statements import Close, issue

    issue(places, Close("2026-09", "2026-10-03 00:00:00", "me", [], None, "rules", 1, []))
    with pytest.raises(LedgerError, match="issued twice"):
        closes(places)


def test_a_state_of_config_is_recorded_once_and_again_when_it_comes_back(places):
    set_up(places, "fx_rates", RATES, "EUR,1.25,2026-09-30,,me,me,bank")
    config_states.record(places)
    config_states.record(places)
    set_up(places, "fx_rates", RATES, "EUR,1.26,2026-09-30,,me,me,bank")
    config_states.record(places)
    set_up(places, "fx_rates", RATES, "EUR,1.25,2026-09-30,,me,me,bank")
    config_states.record(places)
    assert [state.files["fx_rates"][0]["usd_per_unit"] for state in config_states.states(places)] == [
        "1.25",
        "1.26",
        "1.25",
    ]


def test_every_governed_file_says_what_a_row_of_it_is_about():
    governed = {
        name: {column.name for column in columns}
        for name, columns in config.contracts().items()
        if "approved_by" in {column.name for column in columns}
    }
    assert config_states.KEYS.keys() == governed.keys()
    assert all(set(key) <= governed[name] for name, key in config_states.KEYS.items())


def test_each_thing_that_was_open_when_a_month_was_closed_is_kept_and_a_refusal_names_the_largest():
    item = closing.Item(closing.CHECKS[1], [(f"vendor {number}", 1, D(9 - number)) for number in range(7)])
    assert item.named(closing.MOST).startswith("accruals: vendor 0 9.00; vendor 1 8.00;")
    assert item.named(closing.MOST).endswith("vendor 4 5.00; 2 more") and item.named().endswith("; vendor 6 3.00")


@pytest.mark.parametrize(
    ("is_closed", "which"), [(True, "the last closed month"), (False, "the last full month, as none is closed")]
)
def test_a_preview_says_which_month_it_is_of_and_shows_whose_cost_moves(monkeypatch, capsys, is_closed, which):
    before = {("team", "search"): D(3), ("customer", "acme"): D(1), ("customer", "globex"): D(2)}
    after = before | {("customer", "acme"): D(2), ("customer", "globex"): D(1)}
    found = preview.Preview(date(2026, 9, 1), is_closed, before, after, [])
    monkeypatch.setattr(preview, "compare", lambda *_: found)
    preview.preview(None, Path("rules.csv"))
    said = " ".join(capsys.readouterr().out.split())
    assert f"2026-09, {which}: effective cost in USD, now and with rules.csv" in said
    assert "team search 3.000000 3.000000 0.000000" in said
    assert "customer acme 1.000000 2.000000 1.000000 customer globex 2.000000 1.000000 -1.000000" in said
