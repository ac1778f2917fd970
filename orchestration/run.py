"""One run of the job in this process, on the company's files or, where there are none, on the demo's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from orchestration import closed_months, config, lock
from orchestration.dbt_project import QUIET, Finding, findings
from orchestration.errors import MendableError
from orchestration.places import Places
from orchestration.progress import live, shown, step

INSTANCE = """\
# Written by costgrain; no telemetry, no questions, one run at a time.
telemetry: {enabled: false}
nux: {enabled: false}
concurrency: {runs: {max_concurrent_runs: 1}}
python_logs: {managed_python_loggers: [costgrain.steps], python_log_level: INFO}
compute_logs: {module: dagster._core.storage.noop_compute_log_manager, class: NoOpComputeLogManager}
"""


class RunFailedError(MendableError):
    """Nothing was published."""


class StoppedError(MendableError):
    """Somebody pressed Ctrl-C."""

    exit_code = 130


@dataclass(frozen=True)
class Ran:
    """A run that published: its folders, and what dbt warned about."""

    places: Places
    warnings: list[Finding]


def choose(places: Places, *, demo: bool = False) -> Places:
    """The demo's folders if asked for or if nothing has landed, else the company's."""
    return places.demo() if demo or not has_landed(places) else places


def has_landed(places: Places) -> bool:
    """Whether a source system put a file below landing; hidden files and a README are not its doing."""
    return any(
        (path.is_file() or path.is_symlink())
        and not any(part.startswith(".") for part in path.relative_to(places.landing).parts)
        and path.name.upper() != "README.MD"
        for path in places.landing.rglob("*")
    )


def ensure_demo(places: Places) -> None:
    """Write the demo company's files where they are not there yet."""
    if not has_landed(places):
        step("demo: writing the demo company's files")
        make_demo(places.landing, config=places.config, echo=live)


def make_demo(out: Path, **arguments) -> dict:
    """Write the demo's files as `arguments` ask; what cannot be done is a MendableError."""
    from orchestration.demo import DemoError, write_demo

    try:
        return write_demo(out, **arguments)
    except DemoError as error:
        raise MendableError(str(error)) from None


def log_file(places: Places) -> Path:
    """Everything that Dagster and dbt printed during the last run."""
    return places.home / "logs" / "run.log"


def dagster_home(places: Places) -> Path:
    """Dagster's own folder, with its settings; runs of the command line are recorded there, for the UI to show."""
    home = places.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    settings = home / "dagster.yaml"
    if not settings.exists() or settings.read_text() != INSTANCE:
        settings.write_text(INSTANCE)
    return home


def set_environment(places: Places) -> None:
    """The variables that Dagster, dbt and their children read."""
    os.environ.update({**QUIET, **places.environment(), "DAGSTER_HOME": str(dagster_home(places))})


def run(places: Places, *, full_refresh: bool = False, as_adjustment: bool = False) -> Ran:
    """Ingest, build, test and publish; raises MendableError, and leaves the last good marts, if anything failed.

    `as_adjustment`: config may say something else of closed months, now and later.
    """
    with lock.writer(places, "costgrain run"), shown(log_file(places)):
        if places.is_demo:
            ensure_demo(places)
        config.check(places)
        if as_adjustment:
            closed_months.accept(places)
        closed_months.check(places)
        set_environment(places)
        live("starting Dagster")
        try:
            errors = _execute(full_refresh)
        except KeyboardInterrupt:
            raise StoppedError(f"Stopped. {_still_there(places)}") from None
    if errors:
        raise RunFailedError("\n".join([*errors, _still_there(places), f"Everything it printed: {log_file(places)}"]))
    return Ran(places, [finding for finding in findings(places) if finding.status == "warn"])


def _execute(full_refresh: bool) -> list[str]:
    """The job, in this process; why each failed step failed."""
    import dagster as dg

    from orchestration.definitions import JOB, definitions

    job = definitions().resolve_job_def(JOB)
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                "ops": {"dbt": {"config": {"full_refresh": full_refresh}}},
            },
        )
        if result.success:
            return []
        steps = [event for event in result.all_events if event.is_step_failure]
        if any("DagsterExecutionInterruptedError" in str(event.event_specific_data) for event in steps):
            raise KeyboardInterrupt
        return [_reason(event) for event in steps or result.all_events if event.is_failure]


def _reason(event) -> str:
    """Why a step or the run failed, without a traceback."""
    data = event.event_specific_data
    failure = getattr(data, "user_failure_data", None)
    if failure and failure.description:
        return failure.description
    error = getattr(data, "error", None)
    while error and error.cause:
        error = error.cause
    return f"{event.step_key or 'The run'} failed unexpectedly: {error.message.strip() if error else event.message}"


def _still_there(places: Places) -> str:
    published = places.published_marts
    return f"Nothing was published. {f'The last good marts are still in {published}.' if published.exists() else ''}"
