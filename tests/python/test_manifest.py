"""The rules of the house that can be read off the dbt project without building it: layers, grains, contracts, words."""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
import yaml
from dbt.cli.main import dbtRunner

from orchestration.ingest import SOURCES, manifest, prices
from orchestration.ledger import config_states, statements
from orchestration.places import ROOT

Node = dict

# What a model of a layer may read. A layer is a folder of models, `sources`, or a folder of seeds.
MAY_READ = {
    "staging": {"sources", "staging", "company", "reference"},
    "intermediate": {"staging", "intermediate", "reference"},
    "marts": {"intermediate", "core", "reference"},
}
PUBLIC = {
    "core": "dim_customers dim_dates dim_models dim_teams fct_allocated_costs fct_cost_lines fct_llm_calls fct_traces "
    "fct_usage_daily",
    "finance": "budget_variance chargeback_statement cloud_efficiency commitment_savings cost_as_known "
    "total_cost_of_ai",
    "unit_economics": "unit_costs",
    "efficiency": "gpu_utilisation",
    "governance": "answerable cost_visibility data_findings data_quality price_drift run_info unpriced_usage",
    "focus": "focus_1_2_cost_and_usage focus_1_2_cost_and_usage_x focus_1_3_allocated_costs",
}
GRAIN = re.compile(r"One row( per [^.:]+|: [^.]+|, [^.]+)[.:]")
# Macros that dbt itself looks for by name.
CALLED_BY_DBT = {"generate_schema_name", "get_where_subquery"}
LINES_OF_A_MODEL = 110

# What DuckDB reads and Spark does not (or not so): it belongs into a macro. Each with a line that it must find.
ENGINE_SPECIFICS = {
    "exclude": (r"\bexclude\b", "select * exclude (a) from t"),
    "arg_max": (r"\barg_(max|min)\b", "select arg_max(a, b) from t"),
    "list literal": (r"(?<![\w\])])\s*\[", "select [1, 2] as a"),
    "struct literal": (r"[{}]", "select {'a': 1} as a"),
    "asof join": (r"\basof\b", "from a asof join b using (day)"),
    "integer division": (r"//", "select a // b from t"),
    "reading a file": (r"\bread_\w+\s*\(", "from read_parquet('a.parquet')"),
    "JSON arrow": (r"->", "select a ->> 'b' from t"),
    "series": (r"\b(range|generate_series)\s*\(", "from range(date '2026-01-01', date '2026-02-01', interval 1 day)"),
    "strftime": (r"\bstr[fp]time\b", "select strftime(day, '%Y') from t"),
    "epoch_ms": (r"\bepoch\w*\s*\(", "select epoch_ms(a) from t"),
    "quantile_cont": (r"\bquantile\w*\b", "select quantile_cont(a, 0.5) from t"),
    "date_diff": (r"\bdate_?diff\b", "select date_diff('day', a, b) from t"),
    "unnest": (r"\bunnest\b", "select unnest(a) from t"),
    "double-quoted identifier": (r'"', 'select "a" from t'),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """dbt's manifest of the project as it stands, parsed anew."""
    target = tmp_path_factory.mktemp("target")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DO_NOT_TRACK", "1")
        places = ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT), "--target-path", str(target)]
        parsed = dbtRunner().invoke(["--quiet", "--log-path", str(target), "parse", *places, "--target", "lint"])
    assert parsed.success, parsed.exception
    return json.loads((target / "manifest.json").read_text())


def models(project: Node) -> list[Node]:
    return [node for node in project["nodes"].values() if node["resource_type"] == "model"]


def marts(project: Node) -> list[Node]:
    return [node for node in models(project) if layer(node) == "marts"]


def layer(node: Node) -> str:
    """staging, intermediate or marts; of a seed its folder; `sources`."""
    return "sources" if node["resource_type"] == "source" else node["fqn"][1]


def folder(node: Node) -> str:
    return Path(node["original_file_path"]).parent.name


def parents(project: Node, node: Node) -> Iterator[Node]:
    for key in node["depends_on"]["nodes"]:
        yield project["sources"].get(key) or project["nodes"][key]


def test_each_layer_reads_only_the_layer_before_it(project: Node) -> None:
    wrong = [
        f"{node['name']} reads {parent['name']}"
        for node in models(project)
        for parent in parents(project, node)
        if not {layer(parent), folder(parent)} & MAY_READ[layer(node)] and not is_view_of(node, parent)
    ]
    assert not wrong


def is_view_of(node: Node, parent: Node) -> bool:
    """It shows another mart of its folder in other columns, and is no table of its own."""
    return layer(node) == "marts" and node["config"]["materialized"] == "view" and folder(node) == folder(parent)


def test_rule_version_is_of_all_config_that_decides_who_bears_a_cost(project: Node) -> None:
    """Classes say what a cost is of, not whose it is."""
    [version] = [node for node in models(project) if node["name"] == "int_rule_version"]
    read = {
        parent["name"]
        for node in models(project)
        if folder(node) == "allocated"
        for parent in parents(project, node)
        if parent["name"].startswith("stg_company__")
    }
    assert read - {"stg_company__cost_classes"} <= {parent["name"] for parent in parents(project, version)}


def test_staging_never_joins_sources(project: Node) -> None:
    # The manifest of landed files may be asked about any source. What the company sets up is read while dbt compiles.
    wrong = [
        f"{node['name']} reads {parent['name']}"
        for node in models(project)
        if layer(node) == "staging"
        for parent in parents(project, node)
        if folder(parent) not in (folder(node), "files", "reference")
        and (folder(parent) != "company" or "stg_company" in node["raw_code"])
    ]
    assert not wrong


def test_a_staging_model_is_named_for_its_source(project: Node) -> None:
    wrong = [
        node["name"]
        for node in models(project)
        if layer(node) == "staging" and not node["name"].startswith(f"stg_{folder(node)}__")
    ]
    assert not wrong


def test_beside_each_model_stands_the_yml_that_describes_just_it(project: Node) -> None:
    beside = {node["name"]: Path(node["original_file_path"]).with_suffix(".yml").as_posix() for node in models(project)}
    described = {node["name"]: (node["patch_path"] or "://").split("://")[1] for node in models(project)}
    assert described == beside
    alone = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("models/**/*.yml") if path.name[0] != "_"}
    assert alone == set(beside.values())


def test_an_exposure_depends_on_the_marts_that_it_reads(project: Node) -> None:
    asked = re.compile(rf"\b(?:{'|'.join(sorted({folder(mart) for mart in marts(project)}))})\.([a-z_0-9]+)")
    assert project["exposures"]
    for exposure in project["exposures"].values():
        reads = set(asked.findall((ROOT / exposure["meta"]["reads"]).read_text(encoding="utf-8")))
        assert reads == {node.rsplit(".", 1)[-1] for node in exposure["depends_on"]["nodes"]}, exposure["name"]


def test_the_description_of_every_model_begins_with_its_grain(project: Node) -> None:
    assert not [node["name"] for node in models(project) if not GRAIN.match(node["description"])]


def test_every_mart_has_an_enforced_contract_and_is_public(project: Node) -> None:
    wrong = [
        node["name"]
        for node in marts(project)
        if not node["contract"]["enforced"] or node["access"] != "public" or node["group"] != folder(node)
    ]
    assert not wrong


def test_every_column_of_a_mart_is_described_and_typed(project: Node) -> None:
    wrong = [
        f"{node['name']}.{column['name']}"
        for node in marts(project)
        for column in node["columns"].values()
        if not column["description"].strip() or not column["data_type"]
    ]
    assert not wrong


def test_the_grain_of_every_mart_is_tested(project: Node) -> None:
    tested = {
        node["attached_node"]
        for node in project["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") in ("unique", "unique_combination")
        and node["config"]["severity"].lower() == "error"
        and not node["config"]["where"]
    }
    # A mart whose columns another gives may have no key among them: the mart of the same rows that has one is named.
    keys = {node["name"]: node["config"]["meta"].get("key_in", node["name"]) for node in marts(project)}
    tested_names = {node["name"] for node in marts(project) if node["unique_id"] in tested}
    assert not {name for name, key in keys.items() if key not in tested_names}


def test_the_public_marts_lie_in_the_schema_of_their_folder(project: Node) -> None:
    found = {(node["database"], node["schema"], node["name"]) for node in marts(project)}
    assert found >= {("marts", schema, name) for schema, names in PUBLIC.items() for name in names.split()}
    assert not [
        node["name"] for node in marts(project) if (node["database"], node["schema"]) != ("marts", folder(node))
    ]


def test_every_macro_is_used(project: Node) -> None:
    own = {key: macro for key, macro in project["macros"].items() if macro["package_name"] == project_name(project)}
    code = {key: without_jinja_comments(macro["macro_sql"]) for key, macro in own.items()}
    hooks = [
        hook["sql"] for node in models(project) for hook in node["config"]["pre-hook"] + node["config"]["post-hook"]
    ]
    nodes = [without_jinja_comments(node.get("raw_code") or "") for node in project["nodes"].values()]
    materialized = {f"materialization_{node['config']['materialized']}" for node in models(project)}
    reached: set[str] = set()
    text = "\n".join(hooks + nodes)
    while text:
        words = set(re.findall(r"\w+", text))
        new = {
            key for key, macro in own.items() if key not in reached and is_called(macro["name"], words, materialized)
        }
        text = "\n".join(code[key] for key in new)
        reached |= new
    assert not sorted(own[key]["name"] for key in own.keys() - reached)


def is_called(macro: str, words: set[str], materialized: set[str]) -> bool:
    name = re.sub(r"^(default|duckdb|spark)__", "", macro)  # called through dispatch, by its bare name
    return name in words | CALLED_BY_DBT or re.sub(r"_(default|duckdb|spark)$", "", name) in materialized


def project_name(project: Node) -> str:
    return project["metadata"]["project_name"]


def test_every_shared_column_doc_is_used(project: Node) -> None:
    texts = "\n".join(path.read_text() for path in ROOT.glob("models/**/*.yml"))
    own = {doc["name"] for doc in project["docs"].values() if doc["package_name"] == project_name(project)}
    own.remove("__overview__")  # dbt's name for the first page of the docs
    assert not [name for name in own if f"doc('{name}')" not in texts]


def duckdb_types(declared: dict[str, str]) -> dict[str, str]:
    """The same types in DuckDB's own spelling."""
    casts = ", ".join(f'cast(null as {kind}) as "{name}"' for name, kind in declared.items())
    relation = duckdb.sql(f"select {casts}")
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def arrow_types(schema: pa.Schema) -> dict[str, str]:
    relation = duckdb.from_arrow(schema.empty_table())
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def raw_types(project: Node, table: str) -> list[tuple[str, str]]:
    source = project["sources"][f"source.{project_name(project)}.raw.{table}"]
    return list(duckdb_types({column["name"]: column["data_type"] for column in source["columns"].values()}).items())


def test_every_source_that_can_land_is_declared(project: Node) -> None:
    landed = {source["name"] for source in project["sources"].values() if source["config"]["meta"].get("landed")}
    assert landed == set(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_raw_is_declared_as_ingest_writes_it(project: Node, name: str) -> None:
    source = SOURCES[name]
    written = {"day": "date"} if source.by_day else {}
    written |= {column.name: column.type for column in source.columns} | {"_file_hash": "varchar", "_row": "bigint"}
    assert raw_types(project, name) == list(duckdb_types(written).items())


@pytest.mark.parametrize(
    ("table", "schema"),
    [
        ("price_book", prices.PRICE_BOOK_SCHEMA),
        ("held_prices", prices.HELD_PRICES_SCHEMA),
        ("model_matches", prices.MODEL_MATCHES_SCHEMA),
        ("files", manifest.SCHEMA),
        ("issued_lines", statements.ISSUED_SCHEMA),
        ("config_rows", config_states.ROW_SCHEMA),
    ],
)
def test_tables_beside_the_sources_are_declared_as_they_are_written(
    project: Node, table: str, schema: pa.Schema
) -> None:
    assert raw_types(project, table) == list(arrow_types(schema).items())


def test_no_day_is_rebuilt_because_another_one_has_come(project: Node) -> None:
    """What a day is made from and has no days of its own is a small table that does not grow with history."""
    nodes = project["nodes"] | project["sources"]
    whole = set()
    for node in models(project):
        if node["config"]["materialized"] == "days":
            whole |= {
                parent["name"]
                for parent in day_parents(nodes, node)
                if not has_days(parent) and parent["name"] != node["config"].get("day_map")
            }
    small = {node["name"] for node in nodes.values() if layer(node) in ("company", "reference")}
    # The workflows of a company, and what its outcomes are called.
    assert whole - small <= {"stg_company__workflows", "int_outcome_workflows"}


def day_parents(nodes: dict[str, Node], node: Node) -> list[Node]:
    """As the macro of this name finds them: through views, but for those that say what they are made from."""
    found: dict[str, Node] = {}
    ahead = [node]
    while ahead:
        for name in ahead.pop()["depends_on"]["nodes"]:
            if name not in found:
                parent = found[name] = nodes[name]
                meta = parent["config"].get("meta", {})
                if is_view(parent) and not (meta.get("fingerprint") or meta.get("fingerprint_days")):
                    ahead.append(parent)
    return list(found.values())


def has_days(parent: Node) -> bool:
    meta = parent["config"].get("meta", {})
    by_day = meta.get("fingerprint_days") or meta.get("fingerprint") == "validity" or "day" in parent["columns"]
    by_view = is_view(parent) and not meta.get("fingerprint")
    return bool(by_day or by_view or parent["config"].get("materialized") == "days")


def is_view(node: Node) -> bool:
    return node["config"].get("materialized") == "view"


def test_a_model_fits_on_a_screen(project: Node) -> None:
    lines = {node["name"]: len(node["raw_code"].splitlines()) for node in models(project)}
    assert not {name: count for name, count in lines.items() if count > LINES_OF_A_MODEL}


def test_a_line_of_sql_is_no_longer_than_the_linter_is_told_and_stands_at_a_step_of_four() -> None:
    linter = configparser.ConfigParser()
    linter.read(ROOT / ".sqlfluff")
    most = linter.getint("sqlfluff", "max_line_length")
    files = [path for folder in ("models", "tests") for path in (ROOT / folder).rglob("*.sql")]
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > most or not re.match(r"( {4})*(\S|$)", line)
    ]
    assert len(files) > 300 and wrong == []


def test_words_of_sql_stand_apart_by_one_space() -> None:
    badly = re.compile(r"\S {2,}\S| ,|,(?!jinja)\S|\( |\S \)|[^\s<>=!|(](=|<|>|\|\|)|(=|<|>|\|\|)[^\s<>=|]")
    assert [text for text in ("a  b", "a ,b", "( a", "a )", "a= b", "a =b", "a||b") if not badly.search(text)] == []

    def plain(text: str) -> str:
        told = re.sub(r"\{[{%#].*?[}%#]\}", lambda jinja: "jinja" + "\n" * jinja[0].count("\n"), text, flags=re.DOTALL)
        return re.sub(r"--.*|'[^'\n]*'", "''", told)

    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line}"
        for folder in ("models", "tests")
        for path in (ROOT / folder).rglob("*.sql")
        for number, line in enumerate(plain(path.read_text()).splitlines(), 1)
        if badly.search(line)
    ]
    assert wrong == []


def without_jinja_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


def bare_sql(text: str) -> str:
    """SQL alone: what Jinja says, comments and what stands in quotes are gone."""
    text = re.sub(r"\{\{.*?\}\}", "jinja", without_jinja_comments(text), flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    text = re.sub(r"'(?:[^']|'')*'", "''", re.sub(r"--[^\n]*", "", text))
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).lower()


def engine_specifics(text: str) -> list[str]:
    sql = bare_sql(text)
    return [name for name, (pattern, _) in ENGINE_SPECIFICS.items() if re.search(pattern, sql)]


@pytest.mark.parametrize("name", ENGINE_SPECIFICS)
def test_what_one_engine_alone_reads_would_be_found(name: str) -> None:
    _, example = ENGINE_SPECIFICS[name]
    assert name in engine_specifics(f"-- a comment\n{{{{ config(a=['b']) }}}}\n{example}")


def test_engine_specifics() -> None:
    files = [path for place in ("models", "tests") for path in sorted((ROOT / place).rglob("*.sql"))]
    found = {path.relative_to(ROOT).as_posix(): engine_specifics(path.read_text()) for path in files}
    assert files
    assert not {path: names for path, names in found.items() if names}


def test_what_can_be_told_as_the_warehouse_is_opened_is_not_set_anew_on_every_cursor() -> None:
    """DuckDB refuses another folder after a spill: a build that spilled to disk died in the middle."""
    profile = yaml.safe_load((ROOT / "profiles.yml").read_text())["costgrain"]["outputs"]
    for name in ("dev", "demo"):
        assert "temp_directory" in profile[name]["config_options"], name
        assert profile[name]["settings"] == {"TimeZone": "UTC"}, name
