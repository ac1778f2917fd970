"""Clusters and models of one's own: the nodes' bill goes to whom the pods served, and what is idle stands apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import warehouse

from orchestration import config
from orchestration.places import Places

MARTS = (
    "fct_cost_lines",
    "fct_allocated_costs",
    "fct_llm_calls",
    "fct_usage_daily",
    "gpu_utilisation",
    "unpriced_usage",
)
BILL = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,ProviderName,ServiceName,ResourceId,ChargePeriodStart,ChargePeriodEnd,"
    "BillingPeriodStart,ChargeCategory,BillingCurrency,BillingAccountId"
)
SCALE_SET = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/aks-gpu-vmss"
HOSTED = "provider,model,cluster,namespace,controller,reference_provider,reference_model,input_weight,output_weight"


def write(folder: Path, name: str, *lines: str) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")


def day_of(october: int) -> date:
    return date(2026, 9, 30) + timedelta(days=october)


def charge(cost: int, service: str, resource: str, first: int, end: int) -> str:
    days = f"2026-10-{first:02}T00:00:00Z,2026-10-{end:02}T00:00:00Z,2026-10-01T00:00:00Z"
    return f"{cost},{cost},{cost},{cost},AWS,{service},{resource},{days},Usage,USD,1"


def ran(
    day: int, cluster: str, namespace: str | None, gpu_hours: int, cost: int, cost_of_gpus: int = 0, **more: object
) -> dict:
    name = f"{cluster}/{namespace or '__idle__'}"
    start = day_of(day)
    return {
        "name": name, "start": f"{start}T00:00:00Z", "end": f"{start + timedelta(days=1)}T00:00:00Z",
        "properties": {"cluster": cluster, "namespace": namespace, **more}, "gpuHours": gpu_hours,
        "gpuCost": cost_of_gpus, "totalCost": cost,
    }  # fmt: skip


def call(name: str, day: int, model: str, customer: str, input_tokens: int, output_tokens: int, **more) -> str:
    return json.dumps({
        "call_id": name, "called_at": f"{day_of(day)}T10:00:00Z", "provider": "hosted_vllm", "model": model,
        "input_uncached_tokens": input_tokens, "output_tokens": output_tokens, "status": "success", "team": "search",
        "customer_id": customer, **more,
    })  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    base = tmp_path_factory.mktemp("compute")
    places = Places(base / "landing", base / "config", base / "ledger", base / "home", datetime(2026, 11, 6))
    node = {"node": "gpu-1", "providerID": "i-0abc"}
    allocations = [
        ran(5, "inference", "ranker", 12, 6, **node, labels={"team": "search"}),
        ran(5, "inference", "jobs", 4, 2, **node, labels={"team": "data"}),
        ran(5, "inference", None, 8, 4),
        # No bill shows the nodes of these; the chat's calls are known on one of the days.
        ran(6, "spare", "chat", 6, 3, controller="chat", labels={"team": "lab"}),
        ran(6, "spare", "chat", 0, 1, controller="proxy", labels={"team": "lab"}),
        ran(7, "spare", "chat", 2, 1, controller="chat", labels={"team": "lab"}),
        ran(8, "spare", "chat", 2, 4, controller="chat"),
        ran(9, "spare", "chat", 2, 4, controller="chat"),
        # A month without a cloud's bill: what OpenCost says is in the ledger.
        ran(-25, "inference", "ranker", 6, 4, labels={"team": "search"}),
        ran(-25, "inference", None, 6, 4),
        # Two days of two clusters on one charge that names no node.
        ran(10, "east", "web", 0, 3, labels={"team": "web"}),
        ran(10, "west", "web", 0, 1, labels={"team": "web"}),
        ran(11, "east", "web", 0, 1, labels={"team": "web"}),
        # OpenCost tells what idle GPUs cost, and not their hours.
        ran(12, "plain", "serve", 12, 40, cost_of_gpus=20),
        ran(12, "plain", None, 0, 20, cost_of_gpus=20),
        # Two nodes of one cluster, billed as they are; on the second day something of the cluster is idle.
        *(
            ran(day, "two", f"{kind}-jobs", 0, 40, node=f"{kind}-9", labels={"team": kind})
            for day in (12, 13)
            for kind in ("gpu", "cpu")
        ),
        ran(13, "two", None, 0, 20),
        # Nodes by other names than the bill's: a scale set's instances, and an address of a machine.
        ran(12, "aks", "one", 0, 2, node="aks-gpu-vmss000000", providerID=f"azure://{SCALE_SET}/virtualMachines/0"),
        ran(12, "aks", "two", 0, 1, node="aks-gpu-vmss00000a", labels={"team": "two"}),
        ran(12, "aks", "other", 0, 7, node="aks-cpu-vmss000000"),
        ran(12, "far", "web", 0, 1, node="ip-10-0-0-1", providerID="aws:///us-east-1a/i-0def"),
        # A node that is billed for longer than a month; on one of the days only another one of its cluster is seen.
        *(ran(day, "leased", "web", 0, 2, node="rent-1") for day in (1, 36)),
        ran(20, "leased", "web", 0, 2, node="rent-2", labels={"team": "lease"}),
        # A node that runs, and is seen, on the last but one of four days that one charge is for.
        ran(26, "late", "web", 0, 2, node="late-1", labels={"team": "late"}),
        # A node that is billed in a currency of which no rate is known.
        ran(12, "abroad", "web", 0, 1, node="far-1", labels={"team": "abroad"}),
        # A week asked for at once; the one in September is in the ledger.
        ran(15, "weekly", "chat", 70, 70, labels={"team": "lab"}) | {"end": "2026-10-22T00:00:00Z"},
        ran(-20, "weekly", "chat", 0, 7, labels={"team": "lab"}) | {"end": "2026-09-17T00:00:00Z"},
        # A rule divides their node by GPU seconds: one and three, where they cost nine and one.
        ran(14, "rack", "chat", 1, 9, node="rack-1"),
        ran(14, "rack", "jobs", 3, 1, node="rack-1"),
        # Of one of the two models here the reference has no price.
        ran(12, "mixed", "chat", 3, 3),
    ]
    windows = [{"x" + str(number): one} for number, one in enumerate(allocations)]
    write(places.landing, "opencost/o.json", json.dumps({"code": 200, "data": windows}))
    write(
        places.landing, "focus/f.csv", BILL,
        charge(18, "Nodes", "arn:aws:ec2:us-east-1:1:instance/i-0abc", 5, 6), charge(10, "Pool", "", 10, 12),
        charge(5, "Storage", "vol-1", 5, 6),
        charge(98, "Machine", "gpu-9", 12, 13), charge(10, "Machine", "cpu-9", 12, 13),
        charge(98, "Machine", "gpu-9", 13, 14), charge(10, "Machine", "cpu-9", 13, 14),
        charge(30, "Machine", SCALE_SET, 12, 13), charge(4, "Machine", "i-0def", 12, 13),
        charge(40, "Machine", "late-1", 24, 28),
        charge(40, "Rack", "rack-1", 14, 15),
        charge(70, "Machine", "rent-1", 1, 2).replace("2026-10-02", "2026-12-10"),
        charge(8, "Machine", "far-1", 12, 13).replace("USD", "ISK"),
    )  # fmt: skip
    write(
        places.landing, "llm_calls/c.jsonl",
        call("a", 5, "inhouse-ranker-v2", "acme", 1_000_000, 0),
        call("b", 5, "inhouse-ranker-v2", "globex", 0, 1_250_000),
        call("september", -25, "inhouse-ranker-v2", "acme", 1_000_000, 0),
        call("september too", -25, "inhouse-ranker-v2", "globex", 3_000_000, 0),
        call("timed", 8, "chat-7b", "acme", 100, 0, gpu_seconds=3),
        call("timed too", 8, "chat-7b", "globex", 0, 50, gpu_seconds=1),
        call("half timed", 9, "chat-7b", "acme", 100, 0, gpu_seconds=3),
        call("untimed", 9, "chat-7b", "globex", 0, 75),
        call("c", 6, "chat-7b", "acme", 100, 0), call("d", 6, "chat-7b", "globex", 0, 50),
        call("weekly", 18, "weekly-7b", "acme", 100, 0), call("weekly too", -18, "weekly-7b", "acme", 100, 0),
        call("racked", 14, "rack-7b", "acme", 100, 0),
        call("plain", 12, "plain-7b", "acme", 31_000_000, 1_000_000),
        call("mixed", 12, "mixed-a", "acme", 100, 0), call("mixed too", 12, "mixed-b", "globex", 150, 50),
        json.dumps({"call_id": "e", "called_at": "2026-10-05T10:00:00Z", "provider": "openai", "model": "gpt-4.1",
                    "input_uncached_tokens": 1000, "output_tokens": 0, "team": "search"}),
    )  # fmt: skip
    write(
        places.config, "self_hosted_models.csv", HOSTED,
        "hosted_vllm,Inhouse-Ranker*,inference,ranker,,openai,gpt-4.1,,",
        ",chat-7b,spare,chat,chat,,,1,4",
        ",plain-7b,plain,serve,,openai,gpt-4.1,,",
        ",weekly-7b,weekly,chat,,,,1,1",
        ",mixed-a,mixed,chat,,openai,gpt-4.1,,",
        ",rack-7b,rack,chat,,,,1,1",
        ",mixed-b,mixed,chat,,openai,no-such-model,,",
    )  # fmt: skip
    write(
        places.config, "allocation_rules.csv", "rule_id,priority,service,part,takes,method,driver,targets",
        "nodes,10,Nodes,,,usage,kubernetes_cost,", "pools,20,Pool,,,usage,kubernetes_cost,",
        "racks,25,Rack,,,usage,gpu_seconds,",
        "idle,30,Nodes,idle,nobody,direct,,team=platform",
    )  # fmt: skip
    config.check(places)
    warehouse.build(places, *MARTS, tests=True)
    yield places


def test_the_nodes_bill_goes_to_the_calls_that_the_pods_answered_and_idle_stands_apart(built: Places) -> None:
    # Of 18 on the bill half is the ranker's, a sixth the jobs', a third idle. Its calls weigh 2 and 10 dollars.
    assert warehouse.query(
        built,
        "select p.part, p.team, p.customer_id, sum(p.billed_cost)::decimal(9, 3)::varchar"
        " from core.fct_allocated_costs as p inner join core.fct_cost_lines as l using (cost_line_id)"
        " where l.service = 'Nodes' group by all order by all",
    ) == [
        ("idle", "platform", "(unallocated)", "6.000"),
        ("shared", "data", "(unallocated)", "3.000"),
        ("shared", "search", "acme", "1.500"),
        ("shared", "search", "globex", "7.500"),
    ]


def test_the_charge_of_a_node_goes_to_what_ran_on_that_node_without_a_rule_too(built: Places) -> None:
    assert warehouse.query(
        built,
        "select day(l.charge_date), split_part(l.resource_id, '/', -1), p.part, p.team,"
        " p.unallocated_reason like 'no %', sum(p.effective_cost)::decimal(9, 3)::varchar"
        " from core.fct_allocated_costs as p inner join core.fct_cost_lines as l using (cost_line_id)"
        " where p.rule_id = 'what-ran-on-nodes' group by all order by all",
    ) == [
        # Of a lease three days on which something ran in the cluster, and many on which nothing did.
        (1, "rent-1", "shared", "(unallocated)", True, "69.000"),
        (1, "rent-1", "shared", "lease", False, "1.000"),
        # A machine that the bill and OpenCost name otherwise; of a scale set's three dollars one is of a team.
        (12, "aks-gpu-vmss", "shared", "(unallocated)", False, "20.000"),
        (12, "aks-gpu-vmss", "shared", "two", False, "10.000"),
        (12, "cpu-9", "shared", "cpu", False, "10.000"),
        (12, "far-1", "shared", "abroad", False, "8.000"),
        (12, "gpu-9", "shared", "gpu", False, "98.000"),
        (12, "i-0def", "shared", "(unallocated)", False, "4.000"),
        # What is idle of the cluster, a fifth, is idle on either node.
        (13, "cpu-9", "idle", "(unallocated)", False, "2.000"),
        (13, "cpu-9", "shared", "cpu", False, "8.000"),
        (13, "gpu-9", "idle", "(unallocated)", False, "19.600"),
        (13, "gpu-9", "shared", "gpu", False, "78.400"),
        (24, "late-1", "shared", "(unallocated)", True, "30.000"),
        (24, "late-1", "shared", "late", False, "10.000"),
    ]


def test_a_call_bears_of_a_node_what_is_allocated_to_it_by_the_rules_own_driver(built: Places) -> None:
    assert warehouse.query(
        built,
        "select p.customer_id, sum(p.effective_cost)::decimal(9, 3)::varchar from core.fct_allocated_costs as p"
        " inner join core.fct_cost_lines as l using (cost_line_id) where l.service = 'Rack' group by all order by all",
    ) == [("(unallocated)", "30.000"), ("acme", "10.000")]
    assert warehouse.query(
        built, "select effective_cost_usd::double from core.fct_llm_calls where call_id = 'racked'"
    ) == [(10.0,)]


def test_where_no_cloud_bills_the_nodes_opencosts_own_charges_go_to_the_calls(built: Places) -> None:
    assert warehouse.query(
        built,
        "select p.part, p.team, p.customer_id, sum(p.effective_cost)::decimal(9, 3)::varchar"
        " from core.fct_allocated_costs as p inner join core.fct_cost_lines as l using (cost_line_id)"
        " where l.source = 'opencost' group by all order by all",
    ) == [
        # Six days of a week without a call, and one with.
        ("direct", "lab", "(unallocated)", "6.000"),
        ("direct", "search", "acme", "2.000"),
        ("direct", "search", "globex", "3.000"),
        ("idle", "(unallocated)", "(unallocated)", "4.000"),
    ]
    assert warehouse.query(
        built,
        "select effective_cost_usd::double from core.fct_llm_calls where call_id like 'september%' order by call_id",
    ) == [(1.0,), (3.0,)]


def test_calls_cost_their_share_of_the_pods_and_have_no_list_price(built: Places) -> None:
    # The chat's 3 USD (its proxy's dollar apart) go by the weights of the config: 100 and 50 times 4.
    assert warehouse.query(
        built,
        "select call_id, pricing_status, list_cost_usd, reference_list_cost_usd::double,"
        " effective_cost_usd::decimal(9, 6)::varchar"
        " from core.fct_llm_calls where call_date >= '2026-10-01' and call_id <> 'e' order by 1",
    ) == [
        ("a", "self_hosted", None, 2.0, "1.500000"),
        ("b", "self_hosted", None, 10.0, "7.500000"),
        ("c", "self_hosted", None, None, "1.000000"),
        ("d", "self_hosted", None, None, "2.000000"),
        # Three GPU seconds and one; where one call does not tell them, 100 and 75 times 4.
        ("half timed", "self_hosted", None, None, "1.000000"),
        # Where the reference's price of one of them is not known, all tokens weigh alike.
        ("mixed", "self_hosted", None, pytest.approx(0.0002), "1.000000"),
        ("mixed too", "self_hosted", None, None, "2.000000"),
        ("plain", "self_hosted", None, 70.0, "40.000000"),
        ("racked", "self_hosted", None, None, "10.000000"),
        ("timed", "self_hosted", None, None, "3.000000"),
        ("timed too", "self_hosted", None, None, "1.000000"),
        ("untimed", "self_hosted", None, None, "3.000000"),
        ("weekly", "self_hosted", None, None, "10.000000"),
    ]
    assert warehouse.query(
        built,
        "select pricing_status, sum(reference_list_cost_usd)::double from core.fct_usage_daily"
        " where usage_date >= '2026-10-01' group by 1 order by 1",
    ) == [("priced", None), ("self_hosted", pytest.approx(82.0002))]
    assert warehouse.query(built, "select count(*) from governance.unpriced_usage") == [(0,)]


def test_used_and_idle_hours_cost_what_the_bill_of_the_nodes_says(built: Places) -> None:
    columns = "cluster, namespace, gpu_hours, opencost_cost_usd, effective_cost_usd, bill_difference_usd"
    found = warehouse.query(
        built, f"select {columns} from efficiency.gpu_utilisation where month >= '2026-10-01' order by 1, 2"
    )
    assert found == [
        ("abroad", "web", 0, 1, 1, None),
        # What a node costs goes to what ran on it: of the scale set's 30 two thirds and a third.
        ("aks", "one", 0, 2, 20, 18),
        ("aks", "other", 0, 7, 7, None),
        ("aks", "two", 0, 1, 10, 9),
        # Five dollars of each day of the pool, by what ran on all clusters: 3.75 and 1.25, then 5.
        ("east", "web", 0, 4, Decimal("8.75"), Decimal("4.75")),
        ("far", "web", 0, 1, 4, 3),
        ("inference", "(idle)", 8, 4, 6, 2),
        ("inference", "jobs", 4, 2, 3, 1),
        ("inference", "ranker", 12, 6, 9, 3),
        ("late", "web", 0, 2, 10, 8),
        # Of 70 days of a lease two in October and one in November.
        ("leased", "web", 0, 4, 2, -2),
        ("leased", "web", 0, 2, 1, -1),
        ("mixed", "chat", 3, 3, 3, None),
        # Idle hours as many as 20 pay for where 12 hours cost 20.
        ("plain", "(idle)", 12, 20, 20, None),
        ("plain", "serve", 12, 40, 40, None),
        ("rack", "chat", 1, 9, 10, 1),
        ("rack", "jobs", 3, 1, 30, 29),
        ("spare", "chat", 12, 13, 13, None),
        # 98 and 10 for the nodes of the first day; of the second a fifth is idle, on either.
        ("two", "(idle)", 0, 20, Decimal("21.6"), Decimal("1.6")),
        ("two", "cpu-jobs", 0, 80, 18, -62),
        ("two", "gpu-jobs", 0, 80, Decimal("176.4"), Decimal("96.4")),
        ("weekly", "chat", 70, 70, 70, None),
        ("west", "web", 0, 1, Decimal("1.25"), Decimal("0.25")),
    ]
    billed = sum(row[4] for row in found if row[5] is not None)
    assert billed == 18 + 10 + 2 * (98 + 10) + 30 + 4 + 3 + 10 + 40


def test_owning_beats_the_api_above_the_utilisation_at_which_both_cost_the_same(built: Places) -> None:
    assert warehouse.query(
        built,
        "select models, call_count, output_tokens, owning, utilisation_ratio::double,"
        " break_even_utilisation_ratio::double,"
        " gpu_hour_cost_usd::double, used_gpu_hour_cost_usd::double, million_output_tokens_as_used_usd::double,"
        " million_output_tokens_at_full_use_usd::double, million_output_tokens_reference_usd::double"
        " from efficiency.gpu_utilisation where month = '2026-10-01' and namespace = 'ranker'",
    ) == [
        (
            "inhouse-ranker-v2", 2, 1_250_000, "cheaper above break-even", pytest.approx(2 / 3), 0.75,
            0.75, pytest.approx(1.125), pytest.approx(10.8), pytest.approx(7.2), pytest.approx(9.6),
        )
    ]  # fmt: skip
    # What is idle adds what it costs, and to those that use something: 40 and 20 of 60.
    assert warehouse.query(
        built,
        "select namespace, owning, utilisation_ratio::double, break_even_utilisation_ratio::double,"
        " used_gpu_hour_cost_usd::double, million_output_tokens_as_used_usd::double,"
        " million_output_tokens_at_full_use_usd::double, million_output_tokens_reference_usd::double"
        " from efficiency.gpu_utilisation where cluster = 'plain' order by 1",
    ) == [
        ("(idle)", None, 0.5, None, None, None, None, None),
        ("serve", "cheaper as used", 0.5, pytest.approx(0.4), 5.0, 60.0, 40.0, 70.0),
    ]
    # Of the chat no price of an API is known; it also costs something on the day on which no call came.
    assert warehouse.query(
        built,
        "select call_count, output_tokens, owning, break_even_utilisation_ratio, serving_cost_usd"
        " from efficiency.gpu_utilisation where cluster = 'spare'",
    ) == [(6, 175, None, None, 12)]


def test_no_vendor_bills_or_is_owed_what_the_company_runs_itself(built: Places) -> None:
    assert warehouse.query(
        built, "select distinct provider, charge_period_start::date from core.fct_cost_lines where source = 'metered'"
    ) == [("openai", date(2026, 10, 5))]


def test_a_week_of_opencost_that_lands_is_divided_over_its_own_days_and_no_other_is_divided_anew(built: Places) -> None:
    def divided() -> dict[date, tuple[str, int]]:
        marks = "select day, (fingerprint, row_count) from fingerprints.int_long_window_days where row_count > 0"
        return dict(warehouse.rows(built.warehouse, marks))

    before = divided()
    assert [f"{day:%m-%d}" for day in sorted(before)] == [
        *(f"09-{day}" for day in range(10, 17)), *(f"10-{day}" for day in range(15, 22)),
    ]  # fmt: skip
    week = ran(21, "weekly", "chat", 7, 7) | {"end": "2026-10-28T00:00:00Z"}
    write(built.landing, "opencost/week.json", json.dumps({"code": 200, "data": [{"week": week}]}))
    warehouse.build(built, "int_long_window_days")
    changed = {day.day: rows for day, (mark, rows) in divided().items() if before.get(day, ("",))[0] != mark}
    assert changed == {21: 2, **dict.fromkeys(range(22, 28), 1)}


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        (
            ",own,c,n,,,,,",
            ", row 2, column reference_model: is empty, and so are the weights. Name the nearest model of",
        ),
        (",own,c,n,,,,1,", ", row 2, column output_weight: is empty, but input_weight is not. Give both, or none."),
        (",own,c,n,,,,-1,4", ", row 2, column input_weight: '-1' is negative. Write 0 or more."),
        (",own,c,n,,,,0,0", ", row 2: both weights are 0, so that no call would bear anything. Raise one."),
        (",o*n,c,n,,,,1,4", ", row 2, column model: 'o*n' has a * before its end. Write one only there."),
        (",own,,n,,,,1,4", ", row 2, column cluster: is empty, and must not be."),
        (
            ",own,c,n,,,gpt-4.1,,\n,other,c,n,pod,,,1,4",
            ", rows 2 and 3: own and other run in the same pods of c/n, but only row 3 says what tokens weigh.",
        ),
        (",own,c,n,,,,1,4\n,OWN,d,n,,,,1,4", ", rows 2 and 3: both hold for every provider, own. End row 2"),
    ],
)
def test_a_self_hosted_model_that_cannot_be_used_is_refused_with_its_mend(
    places: Places, row: str, finding: str
) -> None:
    write(places.config, "self_hosted_models.csv", HOSTED, row)
    with pytest.raises(config.ConfigError, match="cannot be used") as error:
        config.check(places)
    assert f"self_hosted_models.csv{finding}" in str(error.value)
