"""`dbt build` inside a Dagster step: its events become Dagster's, and its progress is told as it goes.

dagster-dbt's own resource is left out: it starts `dbt --version`, which asks the package index for news, and opens
an adapter on the warehouse in this process.
"""

from __future__ import annotations

import io
import shutil
import signal
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from importlib import metadata

import dagster as dg
from dagster_dbt.asset_utils import (
    DBT_INDIRECT_SELECTION_ENV,
    get_manifest_and_translator_from_dbt_assets,
    get_subset_selection_for_context,
)
from dagster_dbt.core.dbt_cli_invocation import DbtCliInvocation
from packaging.version import Version

from orchestration import dbt_project
from orchestration.places import ROOT, Places
from orchestration.progress import live, step

RESULTS = {"LogModelResult", "LogSeedResult", "LogTestResult"}


class Invocation:
    """One running `dbt build`."""

    def __init__(self, cli: DbtCliInvocation, context: dg.AssetExecutionContext) -> None:
        self.cli = cli
        self.context = context
        self.began = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.total = 0
        self.tenths = 0
        self.errors: list[str] = []

    def events(self) -> Iterator:
        """Dagster's events, one or more per finished node; ends when dbt has ended, well or not."""
        stream = self.cli.stream_raw_events()
        try:
            for event in stream:
                self._tell(event.raw_event)
                yield from event.to_default_asset_events(
                    manifest=self.cli.manifest,
                    dagster_dbt_translator=self.cli.dagster_dbt_translator,
                    context=self.context,
                    target_path=self.cli.target_path,
                )
        finally:
            if self.cli.process.poll() is None:  # interrupted: dbt ends first, and is heard out
                self.cli.process.send_signal(signal.SIGINT)
                with redirect_stdout(io.StringIO()):
                    deque(stream, maxlen=0)

    @property
    def passed(self) -> bool:
        return self.cli.process.wait() == 0

    @property
    def said(self) -> str:
        """What dbt reported as errors: the only word where it failed before it ran a node."""
        return "\n".join(f"  {error}" for error in self.errors)

    def summary(self) -> str:
        parts = [f"{self.counts[kind]:,} {kind}s" for kind in ("seed", "model", "test") if self.counts[kind]]
        return f"{', '.join(parts) or 'nothing to do'} in {time.monotonic() - self.began:,.0f} s"

    def _tell(self, event: Mapping) -> None:
        info, data = event["info"], event["data"]
        node = data.get("node_info", {})
        if info["name"] == "LogStartLine":
            self.total = data["total"]
            live(f"dbt {data['index']}/{data['total']} {node['node_name']}")
        elif info["name"] in RESULTS:
            self.counts[node["resource_type"]] += 1
            tenths = self.counts.total() * 10 // max(self.total, 1)
            if tenths > self.tenths:  # a line for each tenth of the way: enough for a log, and for whoever waits
                self.tenths = tenths
                step(f"  dbt: {self.counts.total()} of {self.total} built or tested")
        if info["level"] == "error":
            self.errors.append(" ".join(info["msg"].split()))


def invoke(context: dg.AssetExecutionContext, places: Places, *, full_refresh: bool = False) -> tuple[Invocation, bool]:
    """Start the build of the assets that this step is asked for; the second value: is that the whole project?"""
    manifest, translator, _ = get_manifest_and_translator_from_dbt_assets([context.assets_def])
    selection, indirect = get_subset_selection_for_context(
        context=context,
        manifest=manifest,
        select=None,
        exclude=None,
        selector=None,
        dagster_dbt_translator=translator,
        current_dbt_indirect_selection_env=None,
    )
    target = dbt_project.target(places)
    target.mkdir(parents=True, exist_ok=True)
    (target / "run_results.json").unlink(missing_ok=True)
    parsed = ROOT / "target" / "partial_parse.msgpack"
    if parsed.exists() and not (target / parsed.name).exists():
        shutil.copy(parsed, target)  # the parse that made the manifest; dbt sees for itself whether it fits
    environment = {
        **dbt_project.environment(places),
        "DAGSTER_DBT_CLI": "true",
        "DBT_LOG_FORMAT": "json",
        "DBT_LOG_LEVEL_FILE": "none",  # what it prints is kept already
        "DBT_LOG_PATH": str(target),
        "DBT_TARGET_PATH": str(target),
        "PYTHONUNBUFFERED": "1",
        **({DBT_INDIRECT_SELECTION_ENV: indirect} if indirect else {}),
    }
    cli = DbtCliInvocation.run(
        args=arguments(selection, full_refresh=full_refresh),
        env=environment,
        manifest=manifest,
        dagster_dbt_translator=translator,
        project_dir=ROOT,
        target_path=target,
        raise_on_error=False,
        context=context,
        adapter=None,
        cli_version=Version(metadata.version("dbt-core")),
    )
    return Invocation(cli, context), not selection


def arguments(selection: list[str], *, full_refresh: bool) -> list[str]:
    """The command line of the build; an empty `selection` is the whole project."""
    return [*dbt_project.DBT, *dbt_project.BUILD, *(["--full-refresh"] if full_refresh else []), *selection]
