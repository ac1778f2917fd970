"""The docs say what is so: their commands and their SQL run, and what they list is what there is."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import typer
import yaml
from dbt.cli.main import cli as dbt_cli

from orchestration import clean, cli, config
from orchestration.ingest import SOURCES, ingest_source
from orchestration.ingest.spec import ABOVE
from orchestration.places import ROOT, Places

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "models/ten_questions.md")
DOCS = {name: (ROOT / name).read_text(encoding="utf-8") for name in PAGES}
README = DOCS["README.md"]
QUESTIONS = DOCS["models/ten_questions.md"]
BIN = Path(sys.executable).parent
SCHEMAS = "unit_economics|finance|governance|core"

FRONT_DOOR = "test_front_door.py::test_one_gateway_log_alone_answers_what_it_can_and_says_what_to_land_next"
ALL_DBT_TESTS = "test_demo_marts.py::test_every_data_test_holds_over_all_days_and_every_unit_test"
DBT_BUILDS = "test_same_input_same_marts.py::test_any_order_of_arrival_and_any_accident_give_the_same_marts"

CLOSES = "test_close.py::test_a_closed_month_never_changes_and_what_is_known_later_is_adjusted_in_the_open"

# Commands that take too long to run once more here, and the test that runs them.
RUN_ELSEWHERE = {
    "make run": "test_sources.py::test_a_run_publishes_and_names_what_it_quarantined",
    ".venv/bin/costgrain init": FRONT_DOOR,
    ".venv/bin/costgrain status --demo": "test_docs.py::test_the_summary_looks_as_it_is_shown",
    '.venv/bin/costgrain close 2026-08 --demo --accept "the last bill comes in September"': CLOSES,
    ".venv/bin/costgrain preview .costgrain/demo/config/allocation_rules.csv --demo": CLOSES,
    ".venv/bin/costgrain run --strict": "test_cli.py::test_quarantine_and_warnings_exit_1_only_if_strict",
    ".venv/bin/python -m pytest tests/python/test_manifest.py": "test_manifest.py::test_engine_specifics",
    ".venv/bin/dbt build": DBT_BUILDS,
    ".venv/bin/dbt test --target demo --vars 'full_test: true'": ALL_DBT_TESTS,
    ".venv/bin/dbt test --select test_type:unit": ALL_DBT_TESTS,
}
# Commands that no test runs, and why. That what they name is there, is tested below.
RUN_NOWHERE = {
    "make test": "it is what runs this test",
    "make lint": "make test begins with it",
    "make setup": "it made the environment that runs this test",
    "make serve": "it does not end; its schedule is tested in test_dagster.py",
    "make bench": "it takes long, and fails by itself where its results disagree",
    ".venv/bin/pre-commit install": "it changes the repository's hooks",
    ".venv/bin/dbt build --target demo": "a plain dbt build runs elsewhere",
    ".venv/bin/dbt build --target demo --select +unit_costs": "a plain dbt build runs elsewhere",
    ".venv/bin/dbt build --target demo --select +fct_usage_daily": "a plain dbt build runs elsewhere",
    ".venv/bin/dbt build --target demo --select state:modified+ --state .costgrain/demo/home/dbt": "as the one before",
    ".venv/bin/dbt docs generate --target demo": "costgrain serve does the same",
    'psql "$DATABASE_URL" -c "\\copy (select * from \\"LiteLLM_SpendLogs\\")'
    " to 'landing/litellm/spend_logs.csv' csv header\"": "it needs a gateway's database",
    "uv pip compile pyproject.toml --universal --generate-hashes -o requirements.lock": "it asks a package index",
}


def blocks(text: str, language: str) -> list[str]:
    """What stands in the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def code(text: str) -> list[str]:
    """The words in backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def table(*header: str) -> list[list[str]]:
    """The rows of the README's table with this header."""
    for lines in re.findall(r"(?:^\|.*\n)+", README, flags=re.MULTILINE):
        first, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines.splitlines()]
        if tuple(first) == header:
            return rows
    raise AssertionError(f"the README has no table {header}")


def commands() -> list[str]:
    lines = [line for text in DOCS.values() for block in blocks(text, "sh") for line in block.splitlines()]
    return list(dict.fromkeys(line for line in lines if line.strip()))


def run_here() -> list[str]:
    return [command for command in commands() if command not in RUN_ELSEWHERE and command not in RUN_NOWHERE]


# --- commands


def test_no_command_is_listed_that_the_docs_do_not_have_and_no_test_that_there_is_not():
    assert (RUN_ELSEWHERE.keys() | RUN_NOWHERE.keys()) - set(commands()) == set()
    for named in RUN_ELSEWHERE.values():
        file, function = named.split("::")
        assert f"def {function}(" in (ROOT / "tests" / "python" / file).read_text(encoding="utf-8"), named


@pytest.fixture
def clone(demo: Places, tmp_path: Path) -> Path:
    """A folder that looks like the repository's root after the demo was built, with nothing landed."""
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / ".costgrain").symlink_to(demo.home.parent.parent)
    return folder


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line as a reader types it in the repository's root, with the programs of this environment."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("COSTGRAIN_")}
    line = command.replace(".venv/bin/", f"{BIN}/")
    return subprocess.run(["bash", "-c", line], cwd=folder, env=here, capture_output=True, text=True)


@pytest.mark.parametrize("command", run_here())
def test_a_command_does_what_it_says(command: str, clone: Path, request: pytest.FixtureRequest):
    is_azure = "AzureLLMInferenceTrace" in command
    if is_azure:
        data = request.getfixturevalue("real_data") / "azure_llm_trace"
        shutil.copy(data / "AzureLLMInferenceTrace_conv_2023.csv", clone)
        (clone / "landing" / "llm_calls").mkdir(parents=True)
    done = shell(command, clone)
    assert done.returncode == 0, done.stdout + done.stderr
    if is_azure:
        places = Places(clone / "landing", clone / "config", clone / "ledger", clone / "home", datetime(2026, 11, 2))
        report = ingest_source(places, "llm_calls")
        assert (report.rows_accepted, report.rows_quarantined, report.messages) == (19_366, 0, [])


def test_every_target_of_make_is_there():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = {word for text in DOCS.values() for word in re.findall(r"(?:`|^)make (\w+)", text, flags=re.MULTILINE)}
    assert named and named <= set(targets)


def test_every_option_of_dbt_is_known_and_every_model_is_there():
    models = {path.stem for path in ROOT.glob("models/**/*.sql")}
    targets = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))["costgrain"]["outputs"]
    for line in commands():
        if not line.startswith(".venv/bin/dbt "):
            continue
        words, command = shlex.split(line)[1:], dbt_cli
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        options = command.make_context(command.name, words).params
        assert options["target"] in (None, *targets), line
        assert {word.strip("+") for word in options.get("select") or () if ":" not in word} <= models, line


def test_the_commands_and_their_options_are_those_of_the_command_line():
    found = dict(typer.main.get_command(cli.app).commands)
    for name in [name for name, command in found.items() if hasattr(command, "commands")]:
        found |= {f"{name} {own}": command for own, command in found.pop(name).commands.items()}
    known = {
        f"costgrain {name}": {
            option for parameter in command.params for option in parameter.opts if option.startswith("--")
        }
        - {"--help"}
        for name, command in found.items()
    }
    rows = table("command", "what it does")
    assert {code(name)[0]: {word for word in code(what) if word.startswith("--")} for name, what in rows} == known


def test_the_summary_looks_as_it_is_shown(clone: Path):
    def titles(text: str) -> list[str]:
        """The two lines above each rule: a table's title and its columns, however wide."""
        lines = [" ".join(line.split()) for line in text.splitlines()]
        return [" / ".join(lines[n - 2 : n]) for n, line in enumerate(lines) if line.startswith("──")]

    [shown] = [block for block in blocks(README, "text") if block.startswith(" DEMO ")]
    assert len(titles(shown)) >= 3
    assert set(titles(shown)) <= set(titles(shell(".venv/bin/costgrain status --demo", clone).stdout))


# --- SQL


@pytest.mark.parametrize("query", blocks(README, "sql") + blocks(QUESTIONS, "sql"))
def test_a_query_gives_rows(query: str, demo: Places):
    with duckdb.connect(str(demo.published_marts), read_only=True) as marts:
        assert marts.execute(query).fetchall()


def test_both_ways_to_the_cost_of_a_call_agree(demo: Places):
    [by_metric, at_once] = [query for query in blocks(README, "sql") if "model" in query]
    with duckdb.connect(str(demo.published_marts), read_only=True) as marts:
        for metric, value in (("inference", "usd_per_call"), ("thousand_tokens", "usd_per_thousand_tokens")):
            # Where one key alone used a model on a day, both must give the same figure.
            figures, different = marts.execute(f"""
                with by_metric as ({by_metric}),
                at_once as ({at_once}),
                alone as (
                    select usage_date, model, any_value({value}) as value from at_once group by all having count(*) = 1
                )
                select count(*), count(*) filter (abs(value - value_usd) > 1e-12)
                from alone
                inner join by_metric on day = usage_date and target = model
                where target_type = 'model' and metric = '{metric}' and value_usd is not null
            """).fetchone()
            assert figures > 10 and different == 0, metric


def test_the_page_of_the_ten_questions_asks_what_the_seed_asks_and_of_its_mart():
    with (ROOT / "seeds/reference/questions.csv").open(encoding="utf-8") as file:
        asked = {row["question"]: row["mart"] for row in csv.DictReader(file)}
    sections = re.split(r"^## \d+\. ", QUESTIONS, flags=re.MULTILINE)[1:]
    assert [section.splitlines()[0] for section in sections] == list(asked)
    for section, mart in zip(sections, asked.values(), strict=True):
        assert any(f"from {mart}\n" in query for query in blocks(section, "sql")), mart


# --- lists


def marts() -> Iterator[tuple[str, str]]:
    """Name and first sentence of every mart."""
    for path in ROOT.glob("models/marts/*/*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            sentence = re.match(r".*?\.(?= |$)", " ".join(model["description"].split()))[0]
            yield f"{path.parent.name}.{model['name']}", sentence


def test_the_marts_are_all_there_with_their_grain():
    assert [(code(name)[0], grain) for name, grain in table("mart", "grain")] == sorted(marts())


def test_every_mart_that_is_named_is_there():
    named = {name for text in DOCS.values() for name in re.findall(rf"\b(?:{SCHEMAS})\.[a-z_]{{4,}}", text)}
    assert named <= {name for name, _ in marts()}


def sources() -> dict[str, tuple[set[str], str]]:
    """The required columns of every source that the README tells, and what else it says of it."""
    rows = table("folder in `landing/`", "required columns", "what it is")
    return {code(folder)[0]: (set(code(columns)), what) for folder, columns, what in rows}


def test_the_sources_are_all_there_with_what_they_require():
    for name, (told, _) in sources().items():
        required = [column for column in SOURCES[name].columns if column.required]
        for column in required:
            names = {landed.removeprefix(ABOVE) for landed in column.names}
            names |= {column.inside[0]} if column.inside else set()
            assert names & told, (name, column.name)
        assert len(told) == len(required), name
    assert sources().keys() == SOURCES.keys()


@pytest.mark.parametrize("name", ["customers", "revenue", "outcomes"])
def test_the_columns_of_a_small_source_are_all_named(name: str):
    columns, what = sources()[name]
    assert {column.name for column in SOURCES[name].columns} <= {*columns, *code(what)}


def test_the_flat_form_is_told_in_full():
    words = {"time": "time", "tokens": "whole number", "count": "whole number", "seconds": "number"}
    words |= {"tags": "JSON object", "carrier": "JSON object", "text": "text", "rate": "share"}
    told = {name: kind for names, kind, _ in table("column", "type", "what it is") for name in code(names)}
    assert told == {
        column.name: words[column.kind] + (", required" if column.required else "")
        for column in SOURCES["llm_calls"].landed
    }


def test_the_variables_are_all_told_with_their_defaults(tmp_path: Path):
    told = {code(name)[0]: default.strip("`") for name, default, _ in table("variable", "default", "what lies there")}
    places = Places.from_env({}, tmp_path)
    memory = told.pop("COSTGRAIN_MEMORY_LIMIT")
    assert f"env_var('COSTGRAIN_MEMORY_LIMIT', '{memory}')" in (ROOT / "profiles.yml").read_text(encoding="utf-8")
    assert told.keys() == places.environment().keys() - {"COSTGRAIN_IS_DEMO"}
    for place in ("landing", "config", "ledger", "home"):
        assert tmp_path / told[f"COSTGRAIN_{place.upper()}"] == getattr(places, place)


def test_the_config_files_are_all_told():
    told = [code(name)[0] for name, _, _ in table("file", "what it says", "by default")]
    assert sorted(told) == sorted(f"{name}.csv" for name in config.contracts())


def test_the_ten_laws_name_their_tests():
    laws = table("law", "where it is tested")
    assert [int(law.split(".")[0]) for law, _ in laws] == list(range(1, 11))
    assert all(code(where) for _, where in laws)


def test_a_bad_row_is_told_as_it_is_quarantined(places: Places):
    (places.landing / "llm_calls").mkdir()
    (places.landing / "llm_calls" / "calls.csv").write_text(
        "call_id,called_at,input_uncached_tokens\na,2026-10-30,7\nb,2026-10-30,-5\n"
    )
    ingest_source(places, "llm_calls")
    [file] = (places.quarantine / "llm_calls").iterdir()
    assert [json.loads(line) for line in file.read_text().splitlines()] == [json.loads(blocks(README, "json")[0])]


# --- paths and links


@pytest.mark.parametrize("name", DOCS)
def test_every_path_and_link_leads_somewhere(name: str):
    text = prose(DOCS[name])
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    for word in code(text):
        parts = word.split("/")
        if "<" in word or " " in word or parts[0] in ("landing", "config", "ledger"):
            continue
        if parts[0] == ".costgrain" and parts[1]:
            assert parts[1] in clean.DERIVED, word
        elif (len(parts) > 1 and parts[0] in folders) or re.fullmatch(r"\w[\w.]*\.(toml|lock|md|yml)", word):
            assert (ROOT / word).exists(), word
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (ROOT / target).is_file(), target


@pytest.mark.parametrize("name", DOCS)
def test_every_code_block_is_of_a_kind_that_is_tested(name: str):
    fences = re.findall(r"^```(\w*)$", DOCS[name], flags=re.MULTILINE)
    assert set(fences[::2]) <= {"sh", "sql", "text", "json"}
    assert set(fences[1::2]) <= {""}
