"""What Dagster loads: assets, the one job that the front door, the schedule and the UI run, and its schedule."""

from __future__ import annotations

import dagster as dg

from orchestration import assets
from orchestration.dbt_project import fresh_manifest
from orchestration.history import ask_once_what_a_step_makes, write_with_little_effort
from orchestration.places import Places

JOB = "build"


@dg.definitions
def definitions() -> dg.Definitions:
    write_with_little_effort()
    ask_once_what_a_step_makes()
    models = assets.dbt_models(fresh_manifest(Places.from_env()))
    job = dg.define_asset_job(JOB, description="Ingest, build and test all layers, publish.")
    daily = dg.ScheduleDefinition(
        job=job,
        cron_schedule="0 5 * * *",
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    return dg.Definitions(
        assets=[
            *assets.ingest_assets(),
            *assets.file_records(),
            assets.prices,
            assets.ledger,
            models,
            assets.published(models),
        ],
        jobs=[job],
        schedules=[daily],
        resources={"places": assets.places},
        executor=dg.in_process_executor,  # one process, so that one lock covers all steps of a run
    )
