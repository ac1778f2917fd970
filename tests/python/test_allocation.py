"""Allocation rules: each charge's parts add up to it exactly, whatever the rule, the driver and the chain."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, localcontext
from pathlib import Path

import duckdb
import pytest
import warehouse
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration import close, config, summary
from orchestration.places import Places
from orchestration.progress import wide_console

MARTS = ("fct_cost_lines", "chargeback_statement", "data_findings", "fct_allocated_costs")
RULES = "rule_id,priority,provider,service,account,text,part,takes,method,driver,targets,valid_from,reason"
TARGETS = ("environment", "team", "product", "feature", "workflow", "customer_id")
COSTS = tuple(f"{basis}_cost{usd}" for usd in ("", "_usd") for basis in ("list", "contracted", "billed", "effective"))

INVOICE = (
    "vendor,invoice_id,line,period,service,amount,currency,category",
    "Draftwise,D,1,2026-10,Seats,31,USD,subscription",
    "Netco,N,1,2026-10,Lines,31,USD,other",
    "Netco,N,2,2026-10,Service,31,USD,support",
    "Netco,N,3,2026-10,VAT,12.4,USD,tax",
    "Moverco,M,1,2026-10,Rent,31,USD,other",
    "Moverco,M,2,2026-10,Line,62,USD,other",
    "Moverco,M,3,2026-10,VAT,9.3,USD,tax",
    "Backco,B,1,2026-10,Things,60,USD,other",
    "Backco,B,2,2026-10,Goods,-20,USD,other",
    "Backco,B,3,2026-10,VAT,12,USD,tax",
    "Backco,B,4,2026-10,VAT,-4,USD,tax",
    "Backco,C,1,2026-10,Goods,-10,USD,refund",
    "Backco,C,2,2026-10,VAT,-2,USD,tax",
)
BILL = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,ProviderName,ServiceName,ChargeDescription,ChargePeriodStart,ChargePeriodEnd,"
    "BillingPeriodStart,ChargeCategory,BillingCurrency,BillingAccountId,CommitmentDiscountStatus,CommitmentDiscountId,Tags"
)


def charge(
    cost: int, provider: str, service: str, words: str = "", day: int = 5, unused: bool = False, tag: str = ""
) -> str:
    costs = f"0,{cost},,0" if unused else f"{cost},{cost},{cost},{cost}"
    days = f"2026-10-{day:02}T00:00:00Z,2026-10-{day + 1:02}T00:00:00Z,2026-10-01T00:00:00Z"
    return f"{costs},{provider},{service},{words},{days},Usage,USD,{provider},{'Unused,sp-1' if unused else ','},{tag}"


CHARGES = (
    # The gateway's go to workflows, with them to customers, and one of these to two teams.
    charge(8, "Gateco", "Gateway"),
    charge(3, "Gateco", "Gateway", day=7),
    charge(10, "Auditco", "Audit"),
    charge(5, "Supportco", "Help desk"),
    charge(10, "Taxco", "Advice", tag='"{""environment"": ""production""}"'),
    charge(9, "Wireco", "Transfer"),
    charge(2, "Shredco", "Paper", "Shredding of paper"),
    charge(7, "Ownerco", "Sandbox"),
    charge(12, "AWS", "Nodes"),
    charge(4, "AWS", "Nodes", unused=True),
    charge(3, "Storeco", "Disk", day=7, tag='"{""cost-center"": ""R&D"", ""stack"": ""blue""}"'),
    charge(1, "Storeco", "Disk", day=7, tag='"{""stack"": ""green""}"'),
    charge(2, "Storeco", "Disk", day=7, tag='"{""cost-center"": ""sales""}"'),
    charge(6, "Tenantco", "Database", day=7, tag='"{""customer"": ""A-17""}"'),
    charge(12, "Poolco", "Nodes"),
    "71,71,71,71,Yearco,Editor,,2026-10-01T00:00:00Z,2026-12-11T00:00:00Z,2026-10-01T00:00:00Z,Usage,USD,Yearco,,,",
    charge(5, "Azure", "Nodes", unused=True, tag='"{""environment"": ""production""}"'),
    "5,,5,5,Nullco,Thing,,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,2026-10-01T00:00:00Z,Usage,USD,Nullco,,,",
    # Tax that is given back; of one the bill leaves the effective cost empty.
    "8,8,8,8,Vatco,,VAT,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,2026-10-01T00:00:00Z,Tax,USD,Vatco,,,",
    "4,,4,4,Vatco,,VAT,2026-10-05T00:00:00Z,2026-10-06T00:00:00Z,2026-10-01T00:00:00Z,Tax,USD,Vatco,,,",
    "100,100,100,100,Hostco,Space,,2026-08-01T00:00:00Z,2026-11-09T00:00:00Z,2026-08-01T00:00:00Z,Usage,USD,Hostco,,,",
)


def configure(places: Places, name: str, header: str, *rows: str) -> Path:
    places.config.mkdir(exist_ok=True)
    file = places.config / f"{name}.csv"
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


def land(places: Places, name: str, *lines: str) -> None:
    file = places.landing / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")


def call(number: int, day: int, team: str, workflow: str, customer: str, tokens: int = 1000, **more: str) -> str:
    return json.dumps({
        "call_id": f"c{number}", "called_at": f"2026-10-{day:02}T10:00:00Z", "provider": "openai", "model": "gpt-4.1",
        "input_uncached_tokens": tokens, "output_tokens": 0, "status": "success", "environment": "production",
        "team": team, "workflow": workflow, "customer_id": customer, **more,
    })  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    base = tmp_path_factory.mktemp("allocated")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", datetime(2026, 11, 1))
    land(
        places, "llm_calls/calls.jsonl",
        call(1, 5, "search", "answer", "acme"), call(2, 5, "search", "answer", "acme"),
        call(3, 5, "search", "answer", "globex"), call(4, 5, "support", "triage", "globex", 6000),
        call(5, 6, "support", "triage", "initech"),
        call(6, 6, "support", "triage", "initech", provider="anthropic", model="claude-sonnet-4-5"),
    )  # fmt: skip
    land(places, "invoices/i.csv", *INVOICE)
    land(
        places, "licences/l.csv", "vendor,product,seats,active_seats,unit_price,currency,period_start,period_end,team",
        "Draftwise,Writer,3,2,10,USD,2026-10-01,2026-10-31,search",
        "Draftwise,Writer,1,1,1,USD,2026-10-01,2026-10-31,support",
        "Yearco,Editor,1,1,30,USD,2026-10-01,2026-12-10,search",
        "Yearco,Editor,1,1,30,USD,2026-10-01,2026-12-10,support",
    )  # fmt: skip
    land(places, "focus/f.csv", BILL, *CHARGES)
    allocations = {
        "inference/ranker": {
            "properties": {
                "cluster": "inference", "namespace": "ranker", "labels": {"team": "search", "product": "ranker"},
            }, "totalCost": 6,
        },
        "inference/__idle__": {"properties": {"cluster": "inference"}, "totalCost": 3},
        "inference/system": {"properties": {"cluster": "inference", "namespace": "kube-system"}, "totalCost": 3},
    }  # fmt: skip
    window = {"start": "2026-10-05T00:00:00Z", "end": "2026-10-06T00:00:00Z"}
    data = [{name: {"name": name, **window, **one} for name, one in allocations.items()}]
    land(places, "opencost/o.json", json.dumps({"code": 200, "data": data}))
    configure(
        places, "allocation_rules", f"{RULES},tag",
        "gateway,10,Gateco,,,,,,usage,calls,workflow,,,",
        "with-workflows,20,Gateco,,,,,workflow,usage,calls,customer,,,",
        "of-acme,30,Gateco,,,,,customer=acme,fixed_split,,team=a: 0.25; team=b: 0.75,,,",
        "audit,11,Auditco,,,,,,cost_share,,team,,,",
        "help,12,,Help desk,,,,,even,,team=a & product=p;team=b;team=c,,,",
        "tax,13,Taxco,,,,,,fixed_split,,team=a:0.3;team=b:0.7,,,",
        "wire,14,Wireco,,,,,,usage,bytes,,,,",
        "seats,15,Draftwise,,,,,,usage,seats,team,,,",
        "lines,24,Netco,Lines,,,,,fixed_split,,team=a:0.3;team=b:0.7,,,",
        "service,25,Netco,Service,,,,,none,,,,nobody knows,",
        "long-seats,21,yearco,,,,,,usage,seats,team,,,",
        "paper,16,,,,shredding,,,none,,,,no AI in it,",
        "owner,17,Ownerco,,,,,,direct,,team=search,,,",
        "nodes,18,AWS,Nodes,,,,,usage,kubernetes_cost,,,,",
        "limited,19,Poolco,,,,,,usage,kubernetes_cost,product=ranker & team,,,",
        "unused,40,Azure,,,,unused_commitment,nobody,none,,,,it was a trial,",
        "idle-of-clusters,40,AWS,Nodes,,,idle,nobody,direct,,team=platform,,,",
        "later,1,,,,,,,direct,,team=never,2026-10-08,,",
        "tagged,8,,,,,,,direct,,team=research,,,cost-center=R&D",
        "stacks,9,,,,,,,direct,,team=platform,,,stack",
        "nobody,41,Gonewithco,,,,,,direct,,team=search,,,",
        "rent,42,Moverco,Rent,,,,,direct,,team=nomad,,,",
        "line,43,Moverco,Line,,,,,fixed_split,,team=nomad:0.5;team=newcomer:0.5,,,",
        "space,44,Hostco,,,,,,direct,,team=platform & workflow=lettings,,,",
        "things,46,Backco,Things,,,,,fixed_split,,team=a:1,,,",
        "goods,47,Backco,Goods,,,,,fixed_split,,team=b:1,,,",
        "own-models,45,Anthropic,,,,,,direct,,team=research,,,",
    )  # fmt: skip
    configure(places, "recoverable_taxes", "vendor,recoverable_share,owner,approved_by", "Vatco,0.75,me,me")
    configure(
        places, "org_hierarchy", "team,cost_centre,valid_from,valid_to",
        *(f"{team},CC-9,," for team in ("search", "support", "platform", "research", "never", "a", "b", "c")),
        "nomad,CC-1,,2026-10-11", "nomad,CC-2,2026-10-11,", "newcomer,CC-3,2026-10-21,",
    )  # fmt: skip
    configure(
        places, "ai_scope", "priority,vendor,category,ai_share,owner",
        "1,gateco,gateway,1,me", "2,no-such-vendor,infrastructure,0,me", "3,pinecone,vector database,1,costgrain",
    )  # fmt: skip
    configure(
        places, "allocation_drivers", "driver,team,value,valid_from,valid_to",
        "bytes,a,1,2026-10-05,2026-10-06", "bytes,b,2,,", "bytes,c,100,2026-10-06,",
    )  # fmt: skip
    configure(places, "customer_aliases", "source,source_customer_id,customer_id,owner", "focus,A-17,acme,me")
    config.check(places)
    warehouse.build(places, *MARTS, tests=True)
    yield places


def parts(places: Places, provider: str, *columns: str) -> list[tuple]:
    names = ", ".join(columns)
    return warehouse.query(
        places,
        f"select {names}, sum(p.effective_cost)::decimal(18, 6)::varchar from core.fct_allocated_costs as p"
        f" inner join core.fct_cost_lines as l using (cost_line_id) where l.provider = '{provider}'"
        " and l.cost_status = 'invoiced' group by all order by all",
    )


def of(*columns: str) -> tuple[str, ...]:
    return tuple(f"p.{column}" for column in columns)


def test_a_chain_of_three_rules_hands_a_charge_on_and_says_so(built: Places) -> None:
    assert parts(built, "Gateco", *of("rule_path", "workflow", "customer_id", "team")) == [
        ("gateway", "(unallocated)", "(unallocated)", "(unallocated)", "3.000000"),
        ("gateway > with-workflows", "answer", "globex", "(unallocated)", "2.000000"),
        ("gateway > with-workflows", "triage", "globex", "(unallocated)", "2.000000"),
        ("gateway > with-workflows > of-acme", "answer", "acme", "a", "1.000000"),
        ("gateway > with-workflows > of-acme", "answer", "acme", "b", "3.000000"),
    ]
    assert parts(built, "Gateco", *of("rule_id", "method", "driver", "part", "unallocated_reason"))[0] == (
        "gateway", "usage", "calls", "shared", "no calls on a day of the charge", "3.000000"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "columns", "expected"),
    [
        # Direct are 7.006 of one team, the sandbox and three calls; a call of 0.012; a day of a month's rent; and one
        # of space let in August.
        (
            "Auditco", ("method", "team"),
            [
                ("cost_share", "nomad", "1.108893"), ("cost_share", "platform", "1.108893"),
                ("cost_share", "search", "7.768907"), ("cost_share", "support", "0.013307"),
            ],
        ),
        (
            "Supportco", ("method", "driver", "team", "product"),
            [
                ("even", None, "a", "p", "1.666667"),
                ("even", None, "b", "(unallocated)", "1.666667"),
                ("even", None, "c", "(unallocated)", "1.666667"),
            ],
        ),
        # An environment alone is no owner, and stays.
        (
            "Taxco", ("method", "driver", "team", "environment"),
            [
                ("fixed_split", None, "a", "production", "3.000000"),
                ("fixed_split", None, "b", "production", "7.000000"),
            ],
        ),
        ("Wireco", ("driver", "team"), [("bytes", "a", "3.000000"), ("bytes", "b", "6.000000")]),
        # Two seats of four are used in one team, one in the other; the one that nobody uses stays with its team.
        (
            "Draftwise", ("part", "team"),
            [("idle", "search", "7.750000"), ("shared", "search", "15.500000"), ("shared", "support", "7.750000")],
        ),
        # However long a licence runs, each of its days has its seats.
        ("Yearco", ("part", "team"), [("shared", "search", "35.500000"), ("shared", "support", "35.500000")]),
        # Tax goes where the charges of its invoice went, and so partly to nobody.
        (
            "Netco", ("rule_id", "team"),
            [
                ("lines", "a", "9.300000"), ("lines", "b", "21.700000"), ("service", "(unallocated)", "31.000000"),
                ("tax-of-charges", "(unallocated)", "6.200000"), ("tax-of-charges", "a", "1.860000"),
                ("tax-of-charges", "b", "4.340000"),
            ],
        ),
        # Tax that is paid back goes where what was taken back went, on the invoice and on a note of credit.
        (
            "Backco", ("rule_id", "team"),
            [
                ("goods", "b", "-30.000000"), ("tax-of-charges", "a", "12.000000"),
                ("tax-of-charges", "b", "-6.000000"), ("things", "a", "60.000000"),
            ],
        ),
        ("Shredco", ("method", "unallocated_reason"), [("none", "rule paper: no AI in it", "2.000000")]),
        # By a tag of the bill and its value, and by a tag of any value; another value is nobody's.
        (
            "Storeco", ("rule_id", "team"),
            [
                ("no-rule", "(unallocated)", "2.000000"),
                ("stacks", "platform", "1.000000"),
                ("tagged", "research", "3.000000"),
            ],
        ),
        ("Ownerco", ("method", "part", "team"), [("direct", "direct", "search", "7.000000")]),
        # The bill's own name of a customer is read as ours.
        ("Tenantco", ("method", "customer_id"), [("direct", "acme", "6.000000")]),
        # What is idle has an owner; what is unused has none that a rule names, and is not smeared.
        (
            "AWS", ("part", "team", "rule_path"),
            [
                ("idle", "platform", "nodes > idle-of-clusters", "3.000000"),
                ("shared", "(unallocated)", "nodes", "3.000000"),
                ("shared", "search", "nodes", "6.000000"),
                ("unused_commitment", "(unallocated)", "no-rule", "4.000000"),
            ],
        ),
        # A driver that is limited to some leaves what is idle apart, too.
        (
            "Poolco", ("part", "team"),
            [("idle", "(unallocated)", "4.000000"), ("shared", "search", "8.000000")],
        ),
        # In a chain, none gives to nobody either, and what is unused stays so. On an environment alone it is nobody's.
        (
            "Azure", ("rule_path", "method", "part", "team", "unallocated_reason"),
            [
                ("no-rule > unused", "none", "unused_commitment", "(unallocated)", "rule unused: it was a trial",
                 "5.000000"),
            ],
        ),
    ],
)  # fmt: skip
def test_each_method_gives_the_parts_that_its_words_say(built: Places, provider, columns, expected) -> None:
    assert parts(built, provider, *of(*columns)) == expected


def test_a_team_that_moves_while_a_charge_runs_bears_each_day_of_it_where_it_stood(built: Places) -> None:
    """Whatever gave it the charge: its own, its part of a split or of the audit, and the tenth of tax that follows."""
    assert warehouse.query(
        built,
        "select team, cost_centre, sum(amount_usd)::decimal(18, 6)::varchar from finance.chargeback_statement"
        " where team in ('nomad', 'newcomer') group by all order by all",
    ) == [
        ("newcomer", "(unassigned)", "22.000000"), ("newcomer", "CC-3", "12.100000"),
        ("nomad", "CC-1", "23.108893"), ("nomad", "CC-2", "46.200000"),
    ]  # fmt: skip


def test_what_no_bill_shows_yet_goes_to_the_owner_that_a_rule_will_name_of_its_bill(built: Places) -> None:
    assert warehouse.query(
        built,
        "select distinct p.cost_status, rule_id, method, part, p.team, p.workflow, p.effective_cost = l.effective_cost"
        " from core.fct_allocated_costs as p inner join core.fct_cost_lines as l using (cost_line_id)"
        " where l.provider = 'anthropic'",
    ) == [("accrued", "own-models", "direct", "direct", "research", "(unallocated)", True)]


def test_tax_that_is_given_back_is_no_cost_also_where_the_bill_tells_its_billed_cost_alone(built: Places) -> None:
    assert warehouse.query(
        built, "select billed_cost, effective_cost from core.fct_cost_lines where provider = 'Vatco' order by 1"
    ) == [(4, 1), (8, 2)]


def test_a_charge_without_an_effective_cost_is_open_when_its_month_is_closed(built: Places) -> None:
    [check] = [check for check in close.CHECKS if check.name == "unknown cost"]
    with duckdb.connect(str(built.built_marts), read_only=True) as marts:
        assert marts.execute(check.query, {"month": date(2026, 10, 1)}).fetchall() == [("nullco", 1, 5)]


def test_a_day_without_the_driver_is_a_finding(built: Places) -> None:
    assert warehouse.query(
        built,
        "select finding_date, subject, record_count, billed_cost from governance.data_findings"
        " where finding = 'rule_without_driver'",
    ) == [(date(2026, 10, 7), "gateway: calls", 1, Decimal(3))]


def test_a_rule_that_holds_and_decides_no_charge_is_a_finding(built: Places) -> None:
    """The rule that is later than all data is none, and of the scope's rules only the company's own are looked at."""
    assert warehouse.query(
        built,
        "select source, subject, finding_date, record_count from governance.data_findings"
        " where finding = 'rule_without_charge' order by 1, 2",
    ) == [
        ("ai_scope", "2: no-such-vendor|infrastructure|0.000000", date(2026, 8, 1), 0),
        ("allocation_rules", "nobody", date(2026, 8, 1), 0),
    ]


def test_a_rule_that_gives_to_one_whom_nothing_names_is_a_finding(built: Places) -> None:
    assert warehouse.query(
        built,
        "select source, subject, finding_date from governance.data_findings where finding = 'unknown_target'",
    ) == [("allocation_rules", "space: workflow=lettings", date(2026, 8, 1))]


def test_the_summary_names_rules_that_decide_nothing(built: Places, capsys: pytest.CaptureFixture) -> None:
    with duckdb.connect(str(built.built_marts), read_only=True) as marts:
        summary._findings(wide_console(), marts)
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("2 rules decide no charge: nobody (allocation_rules); 2: no-such-vendor")


AMOUNT = st.none() | st.decimals(Decimal(-(10**20) + 1), Decimal(10**20 - 1), places=18) | st.just(Decimal(0))
VALUE = st.none() | st.decimals(-5, 10**6, places=6) | st.just(Decimal(0))
NAME = st.sampled_from(["a", "b", "c", "(unallocated)"])
WEIGHTS = st.lists(st.decimals("0.000001", 10**6, places=6), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def divide(built: Places):
    """The SQL of the shared and of the chained parts, as dbt compiled it, over tables that a test fills."""
    compiled = built.home.parent / "target/compiled/costgrain/models/intermediate/allocated"
    sql = {name: (compiled / f"{name}.sql").read_text() for name in ("int_shared_parts", "int_chained_parts")}
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("attach ':memory:' as warehouse; create schema warehouse.intermediate")
    names = set(re.findall(r'"warehouse"\."intermediate"\."(\w+)"', "".join(sql.values())))
    with duckdb.connect(str(built.home / "warehouse.duckdb"), read_only=True) as whole:
        for name in names:
            columns = whole.execute(f"describe intermediate.{name}").fetchall()
            typed = ", ".join(f"{column} {kind}" for column, kind, *_ in columns)
            connection.execute(f"create table warehouse.intermediate.{name} ({typed})")

    def fill(name: str, rows: list[dict]) -> None:
        table = f"warehouse.intermediate.{name}"
        connection.execute(f"delete from {table}")
        for row in rows:
            marks = ", ".join("?" for _ in row)
            connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))

    def run(name: str) -> list[dict]:
        found = connection.execute(sql[name])
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    return fill, run


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_chain_of_rules_conserves_every_amount_to_the_last_digit(divide, data) -> None:
    fill, run = divide
    day = date(2026, 10, 5)
    charges, targets = [], []
    for number in range(data.draw(st.integers(1, 4))):
        method = data.draw(st.sampled_from(["usage", "cost_share", "even", "fixed_split"]))
        listed = method == "fixed_split" or (method == "even" and data.draw(st.booleans()))
        rule = f"r{number}"
        charges.append({
            "charge_date": day, "cost_line_id": f"l{number}", "rule_id": rule, "rule_key": rule, "method": method,
            "driver": data.draw(st.sampled_from(["calls", "bytes"])), "driver_vendor": "(all)", "is_listed": listed,
            "gives_all": data.draw(st.booleans()), "gives_team": "*", "charge_period_start": datetime(2026, 10, 5),
            "charge_period_end": datetime(2026, 10, data.draw(st.sampled_from([6, 7, 9]))),
            "provider": "p", "service": "s", "charge_category": "Usage",
            **{cost: data.draw(AMOUNT) for cost in COSTS},
        })  # fmt: skip
        targets += [
            {"rule_key": rule, "team": f"t{place}", "weight": weight}
            for place, weight in enumerate(data.draw(WEIGHTS) if listed else [])
        ]
    drivers = {
        (driver, number, tuple(data.draw(NAME) for _ in TARGETS)): data.draw(VALUE)
        for driver in ("calls", "bytes")
        for number in range(5, 9)
        for _ in range(data.draw(st.integers(0, 3)))
    }
    fill("int_charge_rules", charges)
    fill("int_allocation_targets", targets)
    values = [
        {"driver_date": date(2026, 10, number), "driver": driver, "vendor": "(all)", "is_idle": driver == "bytes"}
        | dict(zip(TARGETS, names, strict=True))
        | {"driver_value": value}
        for (driver, number, names), value in drivers.items()
    ]
    fill("int_usage_drivers", [row for row in values if row["driver"] == "calls"])
    fill("int_driver_days", [row for row in values if row["driver"] == "bytes"])
    shared = run("int_shared_parts")
    check_sums(charges, shared)
    # Everything is handed on: by a driver, or to one target where all parts meet; then by weights.
    they_meet = data.draw(st.booleans())
    first = {"method": "direct", "is_listed": True} if they_meet else {"method": "usage", "is_listed": False}
    rules = [
        {"rule_id": "first", "rule_key": "first", "priority": 20, "driver": "calls", "takes": "team", "takes_team": "*",
         "gives_customer": "*", "gives_all": False, "takes_nobody": False, **first},
        {"rule_id": "second", "rule_key": "second", "priority": 30, "method": "fixed_split", "driver": "calls",
         "takes": "…", "takes_nobody": not they_meet, "is_listed": True, "gives_all": True},
    ]  # fmt: skip
    targets = [{"rule_key": "second", "team": f"t{n}", "weight": weight} for n, weight in enumerate(data.draw(WEIGHTS))]
    targets.append({"rule_key": "first", "weight": 1} | dict.fromkeys(TARGETS, "one"))
    fill("int_first_parts", [part | {"is_taken": True} for part in shared])
    fill("int_allocation_rules", rules)
    fill("int_allocation_targets", targets)
    lines = ("charge_date", "cost_line_id", "provider", "service", "charge_category")
    fill("int_cost_lines", [{name: charge[name] for name in lines} for charge in charges])
    check_sums(charges, run("int_chained_parts"))


def check_sums(charges: list[dict], found: list[dict]) -> None:
    with localcontext() as context:
        context.prec = 60
        for charge in charges:
            own = [part for part in found if part["cost_line_id"] == charge["cost_line_id"]]
            assert sum(part["allocation_ratio"] for part in own) == 1
            for cost in COSTS:
                amounts = [part[cost] for part in own]
                assert (None if None in amounts else sum(amounts)) == charge[cost], cost


@pytest.mark.parametrize(
    ("rules", "finding"),
    [
        (
            ["ab,1,,,,,,team=a,direct,,team=b,,", "ba,2,,,,,,team=b,direct,,team=a,,"],
            "rows 2 and 3: the rules go in a circle, ab > ba > ab.",
        ),
        (["aa,1,,,,,,team=a,even,,team=a;team=b,,"], "row 2: the rules go in a circle, aa > aa."),
        (
            ["first,5,,,,,,team=a,direct,,team=b,,", "second,4,,,,,,team=b,direct,,team=c,,"],
            "rows 2 and 3: second takes what first gives, but comes before it. Give it a priority above 5.",
        ),
        (
            ["all,1,,,,,,,usage,calls,,,", "aws,1,AWS,,,,,,even,,team=a,,"],
            "rows 2 and 3: all and aws have the priority 1 and may be about the same charge on the same day.",
        ),
        (["r,1,A,,,,,,usage,,,,", "r,2,B,,,,,,usage,,,,"], "rows 2 and 3: both hold for r."),
        # Drivers name others, but what a rule is limited to is given.
        (
            ["ab,1,,,,,,team=a,usage,calls,team=b & workflow,,", "ba,2,,,,,,team=b,usage,calls,team=a & workflow,,"],
            "rows 2 and 3: the rules go in a circle, ab > ba > ab.",
        ),
        (
            ["first,5,,,,,,team=a,usage,calls,team=b & workflow,,", "second,4,,,,,,team=b,direct,,team=c,,"],
            "rows 2 and 3: second takes what first gives, but comes before it.",
        ),
        # What a rule does not name stays with the part.
        (
            ["first,5,,,,,,team=a & workflow=w,direct,,team=b,,", "second,4,,,,,,team=b & workflow=w,even,,team=c,,"],
            "rows 2 and 3: second takes what first gives, but comes before it.",
        ),
        # Two words, tags or accounts may be of one charge.
        (["one,1,,,,gateway,,,none,,,,", "two,1,,,,egress,,,none,,,,"], "rows 2 and 3: one and two have the pri"),
        (["one,1,,,a-1,,,,none,,,,", "two,1,,,a-2,,,,none,,,,"], "rows 2 and 3: one and two have the priority 1"),
        (["one,1,,,,,,,none,,,,,env=a", "two,1,,,,,,,none,,,,,stack"], "rows 2 and 3: one and two have the priority 1"),
        (["one,1,AWS,,,,,,none,,,,", "two,1,aws,,,,,,none,,,,"], "rows 2 and 3: one and two have the pri"),
        (["r,1,,,,,,,fixed_split,,team=a: 100%,,"], "row 2 (r), column targets: the part '100%' is no plain number."),
        (["r,1,,,,,,,fixed_split,,team=a:5e-1;team=b:.5,,"], "the part '5e-1' is no plain number."),
        (["r,1,,,,,,,fixed_split,,team=a:NaN,,"], "row 2 (r), column targets: the part 'NaN' is no plain number."),
        (["r,1,,,,,,,fixed_split,,team=a:.5;team=b:.4,,"], "row 2 (r), column targets: the parts add up to 0.9, not"),
        (["r,1,,,,,,,fixed_split,,team=a:-1;team=b:2,,"], "row 2 (r), column targets: the part '-1' is not above 0."),
        (["r,1,,,,,,,fixed_split,,team=a;team=b:1,,"], "row 2 (r), column targets: 'team=a' has no part."),
        (["r,1,,,,,,,even,,team=a:1;team=b:2,,"], "row 2 (r), column targets: even has no parts of its own."),
        (["r,1,,,,,,,direct,,,,"], "row 2 (r), column targets: is empty, but direct gives to those that it lists."),
        (["r,1,,,,,,,direct,,team=a;team=b,,"], "row 2 (r), column targets: direct gives all to one."),
        (["r,1,,,,,,,direct,,squad=a,,"], "row 2 (r), column targets: 'squad' is no target."),
        (["r,1,,,,,,,direct,,team=serach,,"], "org_hierarchy has no team 'serach'. Did you mean search?"),
        (["r,1,,,,,,,direct,,team,,"], "row 2 (r), column targets: direct lists targets with their values"),
        (["r,1,,,,,,,usage,token,,,"], "row 2 (r), column driver: 'token' is not known. Did you mean tokens?"),
        (["r,1,,,,,,,none,,team=search,,"], "row 2 (r), column targets: the method none gives nothing to anybody."),
        (["r,1,,,,,,team=,usage,calls,,,"], "row 2 (r), column takes: team= has no value."),
        (["r,1,,,,,,,usage,calls,workflow;team,,"], "row 2 (r), column targets: what follows a driver names"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_right_is_refused_with_its_row_and_the_mend(tmp_path, rules, finding) -> None:
    places = Places(*(tmp_path / name for name in ("landing", "config", "ledger", "home")), datetime(2026, 11, 1))
    configure(places, "org_hierarchy", "team,cost_centre", *(f"{team},1" for team in ("search", "a", "b", "c")))
    configure(
        places, "allocation_rules", f"{RULES},tag", *(rule if rule.count(",") == 13 else f"{rule}," for rule in rules)
    )
    with pytest.raises(config.ConfigError) as error:
        config.check(places)
    assert "allocation_rules.csv, row" in str(error.value)
    assert finding in str(error.value)


@pytest.mark.parametrize(
    "rules",
    [
        # One charge has one value of a tag, and one provider.
        ["one,1,,,,,,,none,,,,,env=a", "two,1,,,,,,,none,,,,,env=b"],
        ["one,1,AWS,,,,,,none,,,,,", "two,1,Oracle,,,,,,none,,,,,"],
        # What stands on production stays there, whoever hands it on.
        [
            "teams,1,,,,,,environment=production,usage,calls,environment=production & team,,,",
            "flows,2,,,,,,environment=production,usage,calls,environment=production & workflow,,,",
        ],
        # The rules of two providers do not feed one another.
        ["ab,1,AWS,,,,,team=a,direct,,team=b,,,", "ba,2,Oracle,,,,,team=b,direct,,team=a,,,"],
    ],
)
def test_rules_that_do_not_meet_are_in_order(places, rules) -> None:
    configure(places, "allocation_rules", f"{RULES},tag", *rules)
    config.check(places)


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        ("bytes,a,-1", "row 2 (bytes), column value: '-1' is negative."),
        ("bytes,a,", "row 2, column value: is empty, and must not be."),
        ("tokens,a,1", "row 2 (tokens), column driver: is costgrain's own."),
    ],
)
def test_a_driver_that_is_negative_or_unknown_is_refused(tmp_path, row, finding) -> None:
    places = Places(*(tmp_path / name for name in ("landing", "config", "ledger", "home")), datetime(2026, 11, 1))
    configure(places, "allocation_drivers", "driver,team,value", row)
    with pytest.raises(config.ConfigError) as error:
        config.check(places)
    assert f"allocation_drivers.csv, {finding}" in str(error.value)


def test_a_new_rule_rebuilds_only_the_days_on_which_it_holds_and_those_that_are_shared_by_them(built: Places) -> None:
    """The last of all tests here, as it changes what is built."""
    file = built.config / "allocation_rules.csv"
    before, text = warehouse.fingerprints(built, "fct_allocated_costs"), file.read_text()
    file.write_text(text + "of-the-last-day,19,Nobody,,,,,,direct,,team=search,2026-10-31,,\n")
    reads_rules = "stg_company__allocation_rules+,+fct_allocated_costs"
    warehouse.dbt(built, "build", *warehouse.NO_TESTS, "--select", reads_rules)
    after = warehouse.fingerprints(built, "fct_allocated_costs")
    # The charges of longer periods that begin on two of the days are shared by each of their days.
    changed = {day for day in after if before.get(day) != after[day]}
    assert {day for day in changed if day <= date(2026, 10, 31)} == {
        date(2026, 8, 1), date(2026, 10, 1), date(2026, 10, 31),
    }  # fmt: skip
