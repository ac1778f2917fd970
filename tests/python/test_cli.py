"""The front door: which files it takes, its exit codes, what it refuses, and what clean leaves alone."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration import clean, cli, config, lock, proposals, summary
from orchestration import init as proposing
from orchestration import run as running
from orchestration.errors import MendableError
from orchestration.places import ROOT, Places
from orchestration.progress import wide_console

COSTGRAIN = Path(sys.executable).with_name("costgrain")


def costgrain(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as a user types it, in an environment without places but those of `variables`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COSTGRAIN_")}
    return subprocess.run(
        [COSTGRAIN, *arguments], cwd=cwd, env={**environment, **variables}, capture_output=True, text=True
    )


def land(places: Places, name: str, text: str = "x") -> None:
    path = places.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# --- usage and exit codes


@pytest.mark.parametrize(
    "arguments", [["run", "--quickly"], ["demo", "--days", "0"], ["demo", "--end", "soon"], ["go"]]
)
def test_wrong_usage_exits_2(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["costgrain", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "troubles", "code"),
    [
        (["run"], [], 0),
        (["run"], ["1 warnings"], 0),
        (["run", "--strict"], [], 0),
        (["run", "--strict"], ["1 warnings"], 1),
    ],
)
def test_quarantine_and_warnings_exit_1_only_if_strict(places, monkeypatch, arguments, troubles, code):
    land(places, "litellm/a.jsonl")
    for name, value in places.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(running, "run", lambda places, **_: running.Ran(places, []))
    monkeypatch.setattr(summary, "show", lambda places, warnings: troubles)
    monkeypatch.setattr(sys, "argv", ["costgrain", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert (ended.value.code or 0) == code


def test_a_now_that_is_no_time_exits_1_without_a_traceback(tmp_path):
    done = costgrain("status", cwd=tmp_path, COSTGRAIN_NOW="yesterday")
    assert done.returncode == 1
    assert "COSTGRAIN_NOW" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_before_the_first_run_says_what_to_do(tmp_path):
    done = costgrain("status", cwd=tmp_path)
    assert (done.returncode, "costgrain run" in done.stderr) == (1, True)


def test_the_summary_counts_money_without_a_rate_and_repeats_that_differ(capsys):
    with duckdb.connect() as marts:
        marts.execute("""
            create schema governance;
            create table governance.data_findings as from (values
                ('no_exchange_rate', 'EUR', 2), ('no_exchange_rate', 'CHF', 1), ('conflicting_repeat', null, 1)
            ) as t (finding, billing_currency, record_count);
            alter table governance.data_findings add column source varchar;
            alter table governance.data_findings add column subject varchar;
        """)
        summary._findings(wide_console(), marts)
        assert capsys.readouterr().out.splitlines() == [
            "  Without an exchange rate, and so in no sum in USD: 3 (CHF, EUR): governance.data_findings",
            "  Of an id that came before, but saying something else, and so left out: 1: governance.data_findings",
        ]
        marts.execute("delete from governance.data_findings")
        summary._findings(wide_console(), marts)
    assert capsys.readouterr().out == ""


def test_help_and_status_do_not_load_dagster(tmp_path):
    code = "import sys; from orchestration import cli, summary, run; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path).returncode == 0


def test_every_command_says_what_it_does():
    assert all(command.callback.__doc__ for command in cli.app.registered_commands)


# --- demo or real


@pytest.mark.parametrize("name", [".gitkeep", "README.md", "litellm/.gitkeep"])
def test_the_demo_is_chosen_while_nothing_has_landed(places, name):
    land(places, name)
    assert running.choose(places).is_demo


@pytest.mark.parametrize("name", ["litellm/a.jsonl", "unknown/a.csv", "loose.csv"])
def test_with_a_landed_file_the_demo_is_not_built(places, name):
    land(places, name)
    assert not running.choose(places).is_demo
    assert running.choose(places, demo=True).is_demo


def test_the_demo_has_four_folders_of_its_own(places):
    demo = running.choose(places)
    own = {demo.landing, demo.config, demo.ledger, demo.home}
    assert len(own) == 4
    assert not own & {places.landing, places.config, places.ledger, places.home}


def test_demo_writes_files_and_the_answer_key_and_builds_nothing(tmp_path):
    done = costgrain("demo", "--days", "2", "--calls-per-day", "20", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = tmp_path / ".costgrain" / "demo"
    assert (written / "answer_key.json").exists()
    found = sorted(path.name for path in written.iterdir())
    assert found == ["answer_key.json", "answer_key_runs.parquet", "config", "landing"]
    assert running.has_landed(Places.from_env({}, tmp_path).demo())


# --- one writer at a time


def test_a_second_run_is_told_who_is_writing(places):
    hold = (
        "import sys, time; from orchestration import lock; from orchestration.places import Places\n"
        "with lock.writer(Places.from_env(), 'a long run'): print('held', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, **places.environment()}
    other = subprocess.Popen([sys.executable, "-c", hold], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(MendableError, match=rf"a long run, process {other.pid}"), lock.writer(places, "a test"):
            pass
    finally:
        other.kill()
        other.wait()
    with lock.writer(places, "a test"), lock.writer(places, "the same process again"):
        pass  # a killed holder leaves nothing behind, and one process may enter twice


def test_a_run_beside_another_exits_1(places):
    land(places, "litellm/a.jsonl")
    with lock.writer(places, "a test"):
        done = costgrain("run", cwd=places.home, **places.environment())
    assert (done.returncode, "Another run is writing" in done.stderr) == (1, True)


# --- clean


def test_clean_removes_what_is_derived_and_nothing_else(places, tmp_path):
    for folder in ("raw", "published", "demo", "tmp"):
        (places.home / folder).mkdir(parents=True)
    places.warehouse.write_text("")
    (places.home / "mine.txt").write_text("not ours")
    (tmp_path / "target").mkdir()
    for place in (places.landing, places.config, places.ledger):
        place.mkdir(parents=True, exist_ok=True)
        (place / "kept.csv").write_text("")
    clean.clean(places, tmp_path)
    assert [path.name for path in places.home.iterdir()] == ["mine.txt"]
    assert not (tmp_path / "target").exists()
    assert all((place / "kept.csv").exists() for place in (places.landing, places.config, places.ledger))


def test_clean_keeps_a_ledger_that_lies_in_a_derived_folder(places, tmp_path):
    inside = replace(places, ledger=places.home / "raw" / "ledger")
    inside.ledger.mkdir(parents=True)
    clean.clean(inside, tmp_path)
    assert inside.ledger.exists()


# --- config


HEADER = "source,api_key,key_alias,team,product,environment,valid_from,valid_to,owner,approved_by,reason\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("api_kys.csv", "", "api_kys.csv: no such config file. Did you mean api_keys?"),
        ("api_keys.csv", "", "column source is missing"),
        ("api_keys.csv", HEADER.replace("team", "taem"), "column taem: unknown column. Did you mean team?"),
        (
            "api_keys.csv",
            HEADER.replace(",", ";"),
            "row 1: the columns are separated by semicolons. Save it with commas",
        ),
        (
            "api_keys.csv",
            HEADER + "litellm,k,,,,,31.8.2026,,,,\n",
            "row 2, column valid_from: '31.8.2026' is not a date",
        ),
        ("api_keys.csv", HEADER + "\nlitellm,k\n", "row 3: has 2 values for 11 columns"),
        ("api_keys.csv", HEADER + ",k,,,,,,,,,\n", "row 2, column source: is empty"),
        ("allocation_rules.csv", "rule_id\n", "column method is missing"),
        # Of what a cell names, only what is private is told by its hash; the parts are read as the rules read them.
        (
            "allocation_rules.csv",
            "rule_id,priority,method,targets\nr,1,fixed_split,team=a: .6; customer=bob@acme.com: .4\n",
            "Write team=a: .6; customer=h_",
        ),
        ("deep/api_keys.csv", HEADER, "lies in a subfolder"),
    ],
)
def test_a_config_file_that_cannot_be_used_is_refused_by_row_and_column(places, name, text, said):
    path = places.config / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(config.ConfigError) as refused:
        config.check(places)
    assert said in str(refused.value)


CONTRACTS = (
    "provider,model,meter,commitment_tier,discount_ratio,price_usd,price_unit,valid_from,valid_to,"
    "owner,approved_by,reason"
)
ALIASES = "provider,name,to_provider,to_model,valid_from,valid_to,owner,approved_by,reason"
RATES = "currency,usd_per_unit,valid_from,valid_to,owner,approved_by,reason"
MEANT = "customer_id,segment,plan,feature,valid_from,valid_to,owner,approved_by,reason"
TAXES = "vendor,account,recoverable_share,valid_from,valid_to,owner,approved_by,reason"
LABOUR = "role,usd_per_hour,valid_from,valid_to,owner,approved_by,reason"
SCOPE = "priority,vendor,tag,category,purpose,ai_share"


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        (
            CONTRACTS,
            ["openai,,,,0.1,,,,2026-10-02,,,", "OpenAI,,,,0.2,,,2026-10-01,,,,"],
            "rows 2 and 3: both hold for openai",
        ),
        (
            CONTRACTS,
            ["openai,,,,0.1,,,2026-10-01,,,,", "openai,,,,0.2,,,2026-09-01,,,,"],
            "from 2026-10-01 on. End row 3",
        ),
        (CONTRACTS, ["openai,,,,0.1,,,,2026-10-01,,,", "openai,,,,0.2,,,2026-10-01,,,,"], None),
        (CONTRACTS, ["openai,,,,0.1,,,,,,,", "openai,gpt-4o,,,0.2,,,,,,,", "openai,,output,,,8,1000000,,,,,"], None),
        (CONTRACTS, ["openai,,output,,0.1,8,,,,,,"], "row 2: says both discount_ratio and price_usd"),
        (CONTRACTS, ["openai,,output,,,,,,,,,"], "row 2: says neither discount_ratio nor price_usd"),
        (CONTRACTS, ["openai,,,,10,,,,,,,"], "row 2, column discount_ratio: '10' is no share"),
        (CONTRACTS, ["openai,,,,,8,1000000,,,,,"], "row 2, column meter: is empty"),
        (CONTRACTS, ["openai,,output,,,-8,1000000,,,,,"], "row 2, column price_usd: '-8' is negative"),
        (CONTRACTS, ["openai,,output,,,8,60,,,,,"], "row 2, column price_unit: '60' is not known"),
        (
            ALIASES,
            ["azure,chat,azure,gpt-4o,,,,,", "azure,Chat,azure,gpt-4.1,,,,,"],
            "rows 2 and 3: both hold for azure, chat",
        ),
        (ALIASES, ["azure,chat,azure,gpt-4o,,,,,", ",chat,openai,gpt-4.1,,,,,"], None),
        (RATES, ["EUR,1.08,,,,,", "eur,1.09,2026-10-15,,,,", "JPY,0.0066,,,,,", "EUR,1.1,2026-10-01,,,,"], None),
        (
            RATES,
            ["EUR,1.08,2026-10-01,,,,", "eur,1.09,2026-10-01,,,,"],
            "rows 2 and 3: both hold for EUR from 2026-10-01",
        ),
        (
            RATES,
            ["EUR,1.08,2026-10-01,2026-11-01,,,", "EUR,1.09,2026-10-15,,,,"],
            "rows 2 and 3: both hold for EUR from 2026-10-15 on. End row 2",
        ),
        (RATES, ["EUR,0,,,,,"], "row 2, column usd_per_unit: '0' is not above 0"),
        (RATES, ["EUR,-1.08,,,,,"], "row 2, column usd_per_unit: '-1.08' is not above 0"),
        (RATES, ["JPY,150,,,,,"], "row 2, column usd_per_unit: no JPY is worth 150 USD. Write USD for 1 JPY"),
        (RATES, ["EUR,1.0812345678901,,,,,"], "has more than 12 decimals"),
        (RATES, ["EUR,about 1,,,,,"], "'about 1' is not a number"),
        (RATES, ["EUR,,,,,,"], "row 2, column usd_per_unit: is empty"),
        (RATES, ["usd,1,,,,,"], "row 2, column currency: USD is what the rates convert to"),
        (RATES, ["euro,1.08,,,,,"], "row 2, column currency: 'euro' is none"),
        (LABOUR, ["editor,48,,,,,", "Editor,50,2026-10-01,,,,"], "rows 2 and 3: both hold for editor from 2026-10-01"),
        (LABOUR, ["editor,48,,,,,", ",50,,,,,"], None),
        (LABOUR, ["editor,-1,,,,,"], "row 2, column usd_per_hour: '-1' is negative"),
        (TAXES, ["aws,,20,,,,,"], "row 2, column recoverable_share: '20' is no share. Write 0.3"),
        (TAXES, ["AWS,,1,,,,,", "aws,,0.5,,,,,"], "rows 2 and 3: both hold for AWS, every account"),
        (TAXES, ["aws,,,,,,,"], "row 2, column recoverable_share: is empty"),
        (MEANT, ["acme,,,,,,,,x"], "row 2, column valid_to: is empty, and must not be"),
        (MEANT, ["acme,,,chat,,2027-01-01,,,x"], "row 2, column customer_id: a loss is of a feature or of customers"),
        (MEANT, ["acme,smb,,,,2027-01-01,,,x"], "row 2, column segment: is of no use beside customer_id"),
        (MEANT, [",,,,,2027-01-01,,,x"], "row 2: says not whose loss is meant"),
        (MEANT, ["acme,,,,,2027-01-01,,,x", "acme,,,,,2026-12-01,,,y"], "rows 2 and 3: both hold for acme"),
        (MEANT, ["acme,,,,,2027-01-01,,,x", ",smb,free,,,2026-12-01,,,y"], None),
        (SCOPE, ["1,aws,,infrastructure,,30"], "row 2, column ai_share: '30' is no share. Write 0.3"),
        (SCOPE, ["1,aws,,infrastructure,,0.3333333"], "row 2, column ai_share: '0.3333333' has more than 6 decimals"),
        (SCOPE, ["1,aws,,hardware,,1"], "row 2, column category: 'hardware' is not known"),
        (SCOPE, ["1,aws,,infrastructure,testing,1"], "row 2, column purpose: 'testing' is not known"),
        (SCOPE, ["1,aws,workflow=train,infrastructure,training,0.25", "2,,cost-center=ml,infrastructure,,0"], None),
    ],
)
def test_two_rows_that_hold_at_once_and_prices_that_cannot_be_are_refused_by_row(places, header, rows, said):
    places.config.mkdir(parents=True)
    name = {
        CONTRACTS: "contract_prices",
        ALIASES: "model_aliases",
        RATES: "fx_rates",
        LABOUR: "labour_rates",
        TAXES: "recoverable_taxes",
        MEANT: "intended_losses",
        SCOPE: "ai_scope",
    }[header]
    (places.config / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")
    if said is None:
        config.check(places)
        return
    with pytest.raises(config.ConfigError) as refused:
        config.check(places)
    assert said in str(refused.value)


def test_a_value_that_is_not_accepted_is_refused_with_those_that_are(places):
    places.config.mkdir(parents=True)
    default = (config.SEEDS / "attribution_keys.csv").read_text()
    (places.config / "attribution_keys.csv").write_text(
        default.replace("litellm,tag,team,team", "litellm,tag,team,taem")
    )
    with pytest.raises(config.ConfigError, match=r"'taem' is not known\. Did you mean team"):
        config.check(places)


def test_the_defaults_are_valid_and_bom_and_crlf_are_read(places):
    places.config.mkdir(parents=True)
    for default in config.SEEDS.glob("*.csv"):
        text = default.read_text().replace("\n", "\r\n")
        (places.config / default.name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    config.check(places)


LINES = (config.SEEDS / "verdict_thresholds.csv").read_text()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("verdict_thresholds", LINES.replace("max_cost_rise", "max_cost"), "'max_cost' is not known"),
        ("verdict_thresholds", LINES.rsplit("max_cost_rise", 1)[0], "no row for max_cost_rise"),
        ("verdict_thresholds", LINES + "max_cost_rise,0.5,,,\n", "rows 8 and 9: both are max_cost_rise"),
        ("value_baselines", "workflow,minutes_saved,usd_per_hour\na,5,\n", "row 2: minutes_saved and usd_per_hour"),
        ("value_baselines", "workflow,minutes_saved,usd_per_hour\na,-5,40\n", "column minutes_saved: '-5' is negative"),
        ("value_baselines", "workflow,minutes_saved\na,\na,\n", "rows 2 and 3: both hold for a"),
        ("maturity_windows", "outcome_type,days\ntask,9\ntask,8\n", "rows 2 and 3: both are of task"),
        ("maturity_windows", "outcome_type,days\ntask,-9\n", "column days: '-9' is negative"),
        ("org_hierarchy", "team,cost_centre\na,1\nA,1\na,2\n", "rows 2 and 4: both hold for a"),
        (
            "customer_aliases",
            "source,source_customer_id,customer_id\ns,x,a\ns,x,b\n",
            "rows 2 and 3: both hold for s, x",
        ),
        ("api_keys", "source,api_key,key_alias,team\ns,h,,a\ns,,h,b\n", "rows 2 and 3: both hold for s, h"),
    ],
)
def test_lines_and_values_that_cannot_be_meant_are_refused_by_row(places, name, text, said):
    places.config.mkdir(parents=True)
    (places.config / f"{name}.csv").write_text(text)
    with pytest.raises(config.ConfigError) as refused:
        config.check(places)
    assert said in str(refused.value)


# --- init


@pytest.mark.parametrize(
    ("key", "target"),
    [
        ("team", "team"), ("user:Team", "team"), ("cost-center", "team"), ("agent_name", "workflow"),
        ("env", "environment"), ("tenantId", "customer"), ("tenant_id", "customer"),
        ("trace_id", None), ("steam", None), ("User-Agent", None),
    ],
)  # fmt: skip
def test_a_tag_is_guessed_by_its_name(key, target):
    assert proposals.guess(key) == target


@pytest.fixture
def landed(places, monkeypatch):
    """Raw calls of three keys: one whose tags name its team, one whose alias does, one of nobody."""
    folder = places.raw / "litellm" / "day=2026-10-01"
    folder.mkdir(parents=True)
    monkeypatch.setattr(proposing, "_ingest", lambda places: ["litellm"])
    duckdb.sql(f"""
        copy (
            select * from (values
                ('k1', null, map {{'team': 'search', 'agent': 'a'}}, 6.0),
                ('k2', 'search-prod', null, 3.0),
                ('k3', null, null, 1.0)
            ) as t (api_key, user_api_key_alias, request_tags, spend)
            cross join (select null::map(varchar, varchar) as spend_logs_metadata, null::varchar as team_id,
                null::varchar as user_api_key_team_alias, 'Acme' as end_user, 10::bigint as total_tokens)
        ) to '{folder}/calls.parquet'""")  # fmt: skip
    return places


def rows(places: Places, name: str) -> list[dict[str, str]]:
    with (places.config / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_init_proposes_rows_ranked_by_spend_and_says_what_they_explain(landed, capsys):
    proposing.init(landed)
    config.check(landed)
    keys = rows(landed, "api_keys")
    assert [(row["api_key"], row["team"], row["environment"]) for row in keys] == [
        ("k1", "search", ""), ("k2", "search", "production"), ("k3", "", ""),
    ]  # fmt: skip
    assert "these 2 keys give 90 % of the spend an owner; the other 1 need a team" in capsys.readouterr().out
    own = [row for row in rows(landed, "attribution_keys") if not row["owner"]]
    assert [(row["key"], row["target"]) for row in own] == [("agent", "workflow")]
    assert not (landed.config / "customer_aliases.csv").exists()


def test_a_customers_id_is_an_alias_of_the_listed_customer_that_it_reads_like_and_never_of_itself(landed):
    proposing.init(landed)
    (landed.raw / "customers").mkdir()
    duckdb.sql(f"""
        copy (select 'c-1' as customer_id, 'ACME' as customer_name) to '{landed.raw}/customers/c.parquet'""")
    proposing.init(landed)
    found = [(row["source_customer_id"], row["customer_id"]) for row in rows(landed, "customer_aliases")]
    assert found == [("Acme", "c-1")]


def test_whatever_counts_as_production_is_proposed_as_production_and_is_cost_of_revenue():
    macro = (ROOT / "macros" / "environments.sql").read_text()
    named = re.findall(r"'(\w+)'", macro)
    assert len(named) > 3
    assert {proposals._mentioned(f"search-{name}", proposals.ENVIRONMENTS) for name in named} == {"production"}
    with (config.SEEDS / "cost_classes.csv").open(newline="") as file:
        assert {row["environment"] for row in csv.DictReader(file) if row["cost_class"] == "cogs"} == set(named)


def test_a_new_config_file_keeps_the_defaults_that_it_replaces(landed):
    proposing.init(landed)
    assert (
        (landed.config / "attribution_keys.csv")
        .read_text()
        .startswith((config.SEEDS / "attribution_keys.csv").read_text())
    )


def test_init_overwrites_nothing_and_proposes_nothing_twice(landed):
    landed.config.mkdir(parents=True)
    mine = HEADER.replace("\n", "\r\n") + "litellm,k1,,mine,,,,,me,me,\r\n"
    (landed.config / "api_keys.csv").write_bytes(mine.encode())
    proposing.init(landed)
    once = (landed.config / "api_keys.csv").read_bytes()
    assert once.startswith(mine.encode())
    assert [row["api_key"] for row in rows(landed, "api_keys")] == ["k1", "k2", "k3"]
    proposing.init(landed)
    assert (landed.config / "api_keys.csv").read_bytes() == once


def test_init_without_a_log_says_what_to_land(places, monkeypatch):
    monkeypatch.setattr(proposing, "_ingest", lambda places: [])
    with pytest.raises(MendableError, match="litellm"):
        proposing.init(places)
