"""The assets: files into raw, prices, all dbt models, the published file. Each is a thin word on a pure function."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets

from orchestration import closed_months, config, dbt_project, lock, publish
from orchestration.dbt_invocation import invoke
from orchestration.errors import MendableError
from orchestration.ingest import SOURCES, SourceReport, ingest_source
from orchestration.ingest.prices import write_prices
from orchestration.ledger import config_states
from orchestration.ledger.for_dbt import write_raw
from orchestration.places import Places, PlacesError
from orchestration.progress import live, step

CALL_SOURCES = [name for name, source in SOURCES.items() if source.models]
FILES_FIT = "files_fit"


@contextmanager
def mendable() -> Iterator[None]:
    """What a user can mend fails the step with its message alone."""
    try:
        yield
    except (MendableError, PlacesError) as error:
        raise dg.Failure(str(error), allow_retries=False) from error


@dg.resource(description="The folders of this run, its one now, and the right to write to them.")
def places(_: dg.InitResourceContext) -> Iterator[Places]:
    """Opened once a run, before its first step, and held to its end: one writer at a time, whoever starts it."""
    chosen = Places.from_env()
    with lock.writer(chosen, "a Dagster run"):
        yield chosen


class BuildConfig(dg.Config):
    full_refresh: bool = False


class Translator(DagsterDbtTranslator):
    """Sources carry the keys of the ingest assets; models stand in the group of their folder."""

    def get_asset_key(self, dbt_resource_props):
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey(["raw", dbt_resource_props["name"]])
        return super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props):
        folders = dbt_resource_props["fqn"][1:-1]
        return "_".join(folders[:2]) if folders else dbt_resource_props["resource_type"]


def ingest_assets() -> list[dg.AssetsDefinition]:
    return [_ingest_asset(source) for source in SOURCES]


def _ingest_asset(source: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=["raw", source],
        group_name="ingest",
        kinds={"parquet"},
        description=f"What lies in landing/{source}/, checked file by file, as Parquet.",
        check_specs=[
            dg.AssetCheckSpec(FILES_FIT, asset=["raw", source], description="Every landed file was accepted.")
        ],
    )
    def landed(places: dg.ResourceParam[Places]) -> dg.MaterializeResult:
        live(f"ingest {source}")
        with mendable():
            report = ingest_source(places, source, live)
        return _materialized(report)

    return landed


def _materialized(report: SourceReport) -> dg.MaterializeResult:
    """Great Expectations' results stand in the one check of the source; a quarantined file warns, it does not stop."""
    if report.files_landed:
        step(
            f"ingest {report.source}: {report.files_landed:,} files ({report.files_new:,} new contents), "
            f"{report.rows_accepted:,} rows accepted, {report.rows_quarantined:,} quarantined"
        )
    counts = {name: value for name, value in vars(report).items() if isinstance(value, int)}
    results = {check.name: "passed" if check.passed else check.description for check in report.checks}
    check = dg.AssetCheckResult(
        check_name=FILES_FIT,
        passed=not (report.files_quarantined or report.rows_quarantined),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"expectations": results},
    )
    metadata = counts | {"messages": dg.MetadataValue.md("\n".join(f"- {m}" for m in report.messages[:100]) or "none")}
    return dg.MaterializeResult(metadata=metadata, check_results=[check])


def file_records() -> list[dg.AssetSpec]:
    """The sources of dbt that are views over all manifests: every ingest asset writes its part of them."""
    deps = [["raw", source] for source in SOURCES]
    return [dg.AssetSpec(["raw", name], group_name="ingest", deps=deps) for name in ("files", "file_parts")]


@dg.multi_asset(
    specs=[
        dg.AssetSpec(["raw", name], group_name="ingest", kinds={"parquet"}, description=text,
                     deps=[["raw", source] for source in (*CALL_SOURCES, "litellm_prices")])
        for name, text in (
            ("price_book", "Public prices on two time axes, from the price library and from landed price maps."),
            ("held_prices", "Prices that jump a hundredfold, held back until they are confirmed."),
            ("model_matches", "Which priced model each logged model is."),
        )
    ]
)  # fmt: skip
def prices(places: dg.ResourceParam[Places]) -> Iterator[dg.MaterializeResult]:
    live("price book")
    with mendable():
        write_prices(places)
    for name in ("price_book", "held_prices", "model_matches"):
        yield dg.MaterializeResult(asset_key=["raw", name])
    step("price book: written")


@dg.multi_asset(
    specs=[
        dg.AssetSpec(["raw", name], group_name="ingest", kinds={"parquet"}, description=text)
        for name, text in (
            ("issued_lines", "The statements of closed months, from the ledger."),
            ("config_rows", "What was set up, as each run found it, from the ledger."),
        )
    ]
)
def ledger(places: dg.ResourceParam[Places]) -> Iterator[dg.MaterializeResult]:
    with mendable():
        config.check(places)
        closed_months.check(places)
        config_states.record(places)
        write_raw(places)
    for name in ("issued_lines", "config_rows"):
        yield dg.MaterializeResult(asset_key=["raw", name])


def with_attached_tests(manifest: dict) -> dict:
    """The manifest, with each test that reads several models attached to the last of them (marts come last).

    dagster-dbt shows a test as a check of one asset, and does not choose one by itself.
    """
    layers = {"staging": 0, "intermediate": 1, "marts": 2}
    for node in manifest["nodes"].values():
        reads = node["depends_on"].get("nodes", [])
        models = [manifest["nodes"][name] for name in reads if name in manifest["nodes"]]
        if node["resource_type"] == "test" and not node.get("attached_node") and len(reads) > 1 and models:
            last = max(models, key=lambda model: (layers.get(model["fqn"][1], -1), model["name"]))
            node["config"].setdefault("meta", {}).setdefault("dagster", {}).setdefault("ref", {"name": last["name"]})
    return manifest


def dbt_models(manifest: Path) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=with_attached_tests(json.loads(manifest.read_text())), dagster_dbt_translator=Translator(), name="dbt"
    )
    def models(context: dg.AssetExecutionContext, config: BuildConfig, places: dg.ResourceParam[Places]):
        yield from _build(context, config, places)

    return models


def _build(context: dg.AssetExecutionContext, chosen: BuildConfig, places: Places) -> Iterator:
    """dbt build; the marts are sealed for publishing only if all of them were built and every test passed."""
    with mendable():
        config.check(places)
        publish.begin(places)
    invocation, is_whole = invoke(context, places, full_refresh=chosen.full_refresh)
    yield from invocation.events()
    found = dbt_project.findings(places)
    if not invocation.passed:
        raise dg.Failure(
            f"dbt build did not pass.\n{dbt_project.explain(found) or invocation.said}", allow_retries=False
        )
    step(f"dbt build: {invocation.summary()}")
    if is_whole:
        with mendable():
            publish.seal(places)


def published(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    @dg.asset(
        key=["published", "marts"],
        deps=list(models.keys),
        group_name="publish",
        kinds={"duckdb"},
        description="The file that analysts and BI tools open.",
    )
    def marts(places: dg.ResourceParam[Places]) -> dg.MaterializeResult:
        live("publish")
        with mendable():
            is_new = publish.publish(places)
        path = places.published_marts
        step(f"publish: {path}" if is_new else f"publish: {path} holds these bytes already")
        return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(path), "bytes": path.stat().st_size})

    return marts
