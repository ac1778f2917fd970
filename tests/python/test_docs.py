"""The docs say what is so: their commands run, their SQL runs, and what they list is what there is."""

from __future__ import annotations

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
from orchestration.places import ROOT, Places

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCS = {
    "README.md": README,
    "CONTRIBUTING.md": CONTRIBUTING,
    "CHANGELOG.md": (ROOT / "CHANGELOG.md").read_text("utf-8"),
}
BIN = Path(sys.executable).parent
TABLES_OF_MARTS = "unit_economics|finance|governance|core"

# Commands that take too long to run once more here, and the test that runs them.
RUN_ELSEWHERE = {
    "make run": "test_front_door.py::test_one_gateway_log_alone_answers_what_it_can_and_says_what_to_land_next",
    ".venv/bin/costgrain init": "test_front_door.py::test_one_gateway_log_alone_answers_what_it_can_and_says_what_to_land_next",
    ".venv/bin/costgrain run --strict": "test_cli.py::test_quarantine_and_warnings_exit_1_only_if_strict",
    ".venv/bin/python -m pytest tests/python/test_manifest.py": "test_manifest.py::test_each_layer_reads_only_the_layer_before_it",
    ".venv/bin/dbt build": "test_same_input_same_marts.py::test_any_order_of_arrival_and_any_accident_give_the_same_marts",
    ".venv/bin/dbt test --target demo --vars 'full_test: true'": "test_demo_marts.py::test_every_data_test_holds_over_all_days_and_every_unit_test",
    ".venv/bin/dbt test --select test_type:unit": "test_demo_marts.py::test_every_data_test_holds_over_all_days_and_every_unit_test",
}  # fmt: skip
# Commands that no test runs, and why. That what they name is there, is tested below.
RUN_NOWHERE = {
    "make test": "it is what runs this test",
    "make lint": "make test begins with it",
    "make setup": "it made the environment that runs this test",
    "make serve": "it does not end; its schedule is tested in test_dagster.py",
    "make bench": "it takes long, and fails by itself where its results disagree",
    ".venv/bin/pre-commit install": "it changes the repository's hooks",
    ".venv/bin/dbt build --target demo": "a plain dbt build runs elsewhere; the target is tested below",
    ".venv/bin/dbt build --target demo --select +unit_costs": "a plain dbt build runs elsewhere",
    ".venv/bin/dbt build --target demo --select +fct_usage_daily": "a plain dbt build runs elsewhere",
    ".venv/bin/dbt build --target demo --select state:modified+ --state .costgrain/demo/home/dbt": "as the one before",
    ".venv/bin/dbt docs generate --target demo": "costgrain serve does the same",
    'psql "$DATABASE_URL" -c "\\copy (select * from \\"LiteLLM_SpendLogs\\") to \'landing/litellm/spend_logs.csv\' csv header"': (
        "it needs a gateway's database"
    ),
    "uv pip compile pyproject.toml --universal --generate-hashes -o requirements.lock": "it asks a package index",
}  # fmt: skip


def blocks(text: str, language: str) -> list[str]:
    """What stands in the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    lines = [line for text in DOCS.values() for block in blocks(text, "sh") for line in block.splitlines()]
    return list(dict.fromkeys(line for line in lines if line.strip()))


def run_here() -> list[str]:
    return [command for command in commands() if command not in RUN_ELSEWHERE and command not in RUN_NOWHERE]


def tables(text: str) -> dict[tuple[str, ...], list[list[str]]]:
    """The rows of every table, by its header."""
    found: dict[tuple[str, ...], list[list[str]]] = {}
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
        found.setdefault(tuple(rows[0]), []).extend(rows[2:])
    return found


def table(*header: str) -> list[list[str]]:
    return tables(README)[header]


def code(text: str) -> list[str]:
    """The words in backticks."""
    return re.findall(r"`([^`\n]+)`", text)


def prose(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


# --- commands


def test_every_command_runs_here_or_a_test_is_named_that_runs_it_or_a_reason_why_none_does():
    assert not (RUN_ELSEWHERE.keys() | RUN_NOWHERE.keys()) - set(commands()), "no longer in the docs"
    for named in RUN_ELSEWHERE.values():
        file, function = named.split("::")
        assert f"def {function}(" in (ROOT / "tests" / "python" / file).read_text(encoding="utf-8"), named


@pytest.mark.parametrize("command", run_here())
def test_a_command_does_what_it_says(command: str, demo: Places, tmp_path: Path, request: pytest.FixtureRequest):
    work = tmp_path / "repository"
    work.mkdir()
    if "AzureLLMInferenceTrace" in command:
        data = request.getfixturevalue("real_data") / "azure_llm_trace"
        shutil.copy(data / "AzureLLMInferenceTrace_conv_2023.csv", work)
        (work / "landing" / "llm_calls").mkdir(parents=True)
    home = demo.home.parent.parent  # of the company beside it, which has landed nothing
    if "marts.duckdb" in command or "status" in command:
        (work / ".costgrain").symlink_to(home)
    done = shell(command, work)
    assert done.returncode == 0, done.stdout + done.stderr
    if "AzureLLMInferenceTrace" in command:
        places = Places(work / "landing", work / "config", work / "ledger", work / "home", datetime(2026, 11, 2))
        report = ingest_source(places, "llm_calls")
        assert (report.rows_accepted, report.rows_quarantined, report.messages) == (19_366, 0, [])


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line as a reader types it in the repository's root, with the programs of this environment."""
    here = {name: value for name, value in os.environ.items() if not name.startswith("COSTGRAIN_")}
    line = command.replace(".venv/bin/python", sys.executable).replace(".venv/bin/", f"{BIN}/")
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=here | {"COLUMNS": "150"}, capture_output=True, text=True
    )


def test_every_target_of_make_is_there():
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = {word for text in DOCS.values() for word in re.findall(r"(?:`|^)make (\w+)", text, flags=re.MULTILINE)}
    assert named and named <= set(targets)


def test_every_option_of_dbt_is_known_and_every_model_is_there():
    models = {path.stem for path in ROOT.glob("models/**/*.sql")}
    profile = yaml.safe_load((ROOT / "profiles.yml").read_text(encoding="utf-8"))["costgrain"]["outputs"]
    for command in commands():
        if not command.startswith(".venv/bin/dbt "):
            continue
        words = shlex.split(command)[1:]
        length = next(n for n in (2, 1) if " ".join(words[:n]) in ("build", "test", "docs generate"))
        known = dbt_cli
        for word in words[:length]:
            known = known.commands[word]
        options = known.make_context(words[length - 1], words[length:], resilient_parsing=False).params
        assert options["target"] in (None, *profile)
        chosen = {word.strip("+") for word in options.get("select") or () if ":" not in word}
        assert chosen <= models


def test_the_commands_and_their_options_are_those_of_the_command_line():
    known = {
        f"costgrain {name}": {option for parameter in command.params for option in parameter.opts} - {"--help"}
        for name, command in typer.main.get_command(cli.app).commands.items()
    }
    told = {
        code(name)[0]: {o for o in code(what) if o.startswith("--")} for name, what in table("command", "what it does")
    }
    assert told == known


def test_the_summary_looks_as_it_is_shown(demo: Places):
    block = next(block for block in blocks(README, "text") if block.startswith(" DEMO "))
    lines = block.splitlines()
    shown = {lines[n - 2 + k] for n, line in enumerate(lines) if line.startswith("──") for k in (0, 1)}
    printed = shell(".venv/bin/costgrain status --demo", demo.home.parent.parent.parent).stdout
    # Columns are as wide as their numbers.
    plain = {" ".join(line.split()) for line in printed.splitlines()}
    assert len(shown) >= 8
    assert {" ".join(line.split()) for line in shown} <= plain


# --- SQL


@pytest.mark.parametrize("query", blocks(README, "sql"))
def test_a_query_gives_rows(query: str, demo: Places):
    with duckdb.connect(str(demo.published_marts), read_only=True) as marts:
        assert marts.execute(query).fetchall()


def test_both_ways_to_the_cost_of_a_call_agree(demo: Places):
    [by_metric, at_once] = [query for query in blocks(README, "sql") if "model" in query]
    with duckdb.connect(str(demo.published_marts), read_only=True) as marts:
        for metric, units in (("inference", "usd_per_call"), ("thousand_tokens", "usd_per_thousand_tokens")):
            different = marts.execute(f"""
                with by_metric as ({by_metric}), at_once as ({at_once}),
                -- Models that one key alone used on a day: there both give the same figure.
                alone as (select usage_date, model, any_value({units}) as value from at_once group by all having count(*) = 1)
                select count(*), count(*) filter (abs(value - value_usd) > 1e-12) from alone
                join by_metric on day = usage_date and target = model and target_type = 'model' and metric = '{metric}'
            """).fetchone()
            assert different[0] > 10 and different[1] == 0, metric


# --- lists


def marts() -> Iterator[tuple[str, str]]:
    """Name and first sentence of every public mart."""
    for path in ROOT.glob("models/marts/*/*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            sentence = re.match(r".*?\.(?= |$)", " ".join(model["description"].split()))[0]
            yield f"{path.parent.name}.{model['name']}", sentence


def test_the_marts_are_all_there_with_their_grain():
    assert [(code(name)[0], grain) for name, grain in table("mart", "grain")] == sorted(marts())


def test_every_mart_that_is_named_is_there():
    named = {name for text in DOCS.values() for name in re.findall(rf"\b(?:{TABLES_OF_MARTS})\.[a-z_]{{4,}}", text)}
    assert named <= {name for name, _ in marts()}


def test_the_sources_are_all_there_with_what_they_require():
    told = {
        code(folder)[0]: code(columns)
        for folder, columns, _ in table("folder in `landing/`", "required columns", "what it is")
    }
    known = {
        name: [column.names[0] for column in module.SOURCE.landed if column.required]
        for name, module in SOURCES.items()
    }
    assert told.keys() == known.keys()
    assert {name: sorted(columns) for name, columns in told.items()} == {n: sorted(c) for n, c in known.items()}


def test_the_columns_of_small_sources_are_all_named():
    for name in ("customers", "revenue", "outcomes"):
        [row] = [
            row for row in table("folder in `landing/`", "required columns", "what it is") if row[0] == f"`{name}`"
        ]
        assert {column.name for column in SOURCES[name].SOURCE.columns} <= set(code(row[1]) + code(row[2])), name


def test_the_flat_form_is_told_in_full():
    told = [(name, kind) for names, kind, _ in table("column", "type", "what it is") for name in code(names)]
    columns = SOURCES["llm_calls"].SOURCE.columns
    assert sorted(name for name, _ in told) == sorted(column.name for column in columns)
    assert {name for name, kind in told if "required" in kind} == {column.name for column in columns if column.required}
    kinds = {
        "time": "time",
        "tokens": "whole number",
        "count": "whole number",
        "seconds": "number",
        "tags": "JSON object",
    }
    assert all(
        kind.split(",")[0] == kinds.get(column.kind, "text")
        for column in columns
        for n, kind in told
        if n == column.name
    )


def test_the_variables_are_all_told_with_their_defaults(tmp_path: Path):
    told = {code(name)[0]: default.strip("`") for name, default, _ in table("variable", "default", "what lies there")}
    known = set(Places.from_env({}, tmp_path).environment()) - {"COSTGRAIN_IS_DEMO"}
    assert told.keys() == known | {"COSTGRAIN_MEMORY_LIMIT"}
    assert f"'{told['COSTGRAIN_MEMORY_LIMIT']}'" in (ROOT / "profiles.yml").read_text(encoding="utf-8")
    for place in ("landing", "config", "ledger", "home"):
        assert (tmp_path / told[f"COSTGRAIN_{place.upper()}"]) == getattr(Places.from_env({}, tmp_path), place)


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
    top = "|".join(sorted(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."))
    for word in code(text):
        if "<" in word or " " in word or word.startswith(("landing/", "config/", "ledger/")):
            continue
        if word.startswith(".costgrain/") and word != ".costgrain/":
            assert word.split("/")[1] in clean.DERIVED, word
        elif re.match(rf"({top})/", word) or re.fullmatch(r"[\w.]+\.(toml|lock|md|yml)", word):
            assert (ROOT / word).exists(), word
    headings = {
        re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        found = target[1:] in headings if target.startswith("#") else (ROOT / target).is_file()
        assert found, target


@pytest.mark.parametrize("name", DOCS)
def test_every_setting_of_make_and_code_fence_is_of_a_known_kind(name: str):
    fences = re.findall(r"^```(\w*)$", DOCS[name], flags=re.MULTILINE)
    assert set(fences[::2]) <= {"sh", "sql", "text", "json"} and set(fences[1::2]) <= {""}
    assert max(map(len, prose(DOCS[name]).splitlines())) < 250
