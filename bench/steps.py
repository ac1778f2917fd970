"""One step of the warehouse, as a process to measure, on the places that the environment names."""

from __future__ import annotations

import subprocess
import sys

from orchestration import dbt_project, publish
from orchestration.ingest import SOURCES, ingest_source
from orchestration.ingest.prices import write_prices
from orchestration.places import ROOT, Places


def ingest(places: Places, only: str | None = None) -> None:
    for source in [only] if only else SOURCES:
        report = ingest_source(places, source)
        print(f"{source}: {report.files_new} new files, {report.rows_accepted} rows, {report.rows_quarantined} refused")
    if only is None:
        write_prices(places)


def build(places: Places) -> None:
    """As the job builds: all nodes but the unit tests, then the seal that publishing asks for."""
    publish.begin(places)
    target = str(dbt_project.target(places))
    environment = dbt_project.environment(places) | {"DBT_TARGET_PATH": target, "DBT_LOG_PATH": target}
    subprocess.run([*dbt_project.DBT, *dbt_project.BUILD], env=environment, cwd=ROOT, check=True)
    publish.seal(places)


def publish_marts(places: Places) -> None:
    if not publish.publish(places):
        raise SystemExit("Nothing was published: these bytes lie there already.")


if __name__ == "__main__":
    {"ingest": ingest, "build": build, "publish": publish_marts}[sys.argv[1]](Places.from_env(), *sys.argv[2:])
