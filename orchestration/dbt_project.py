"""The dbt project as the orchestration sees it: its environment, its manifest, and what a build of it said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from orchestration.errors import MendableError
from orchestration.places import ROOT, Places

DBT = (sys.executable, "-m", "orchestration.dbt_process")
# Unit tests prove the rules, not the data: they belong to `make test`.
BUILD = ("build", "--exclude-resource-type", "unit_test")
FOLDERS = ("models", "macros", "seeds", "tests", "snapshots", "analyses")
FILES = ("dbt_project.yml", "profiles.yml", "selectors.yml")
QUIET = {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
}


@dataclass(frozen=True)
class Finding:
    """A dbt node that did not pass: its name, its status (error, fail, warn, skipped), why, and where its SQL lies."""

    name: str
    kind: str
    status: str
    message: str
    compiled: str


def environment(places: Places) -> dict[str, str]:
    """The whole environment of a dbt process."""
    return {**os.environ, **QUIET, **places.environment(), "DBT_PROFILES_DIR": str(ROOT), "DBT_PROJECT_DIR": str(ROOT)}


def target(places: Places) -> Path:
    """Where a build writes its artifacts: beside its data, so that the demo's and the company's never mix."""
    return places.home / "dbt"


def fresh_manifest(places: Places, root: Path = ROOT) -> Path:
    """target/manifest.json, parsed anew only if a file of the project is newer than it; by one process at a time."""
    manifest = root / "target" / "manifest.json"
    manifest.parent.mkdir(exist_ok=True)
    with FileLock(manifest.with_suffix(".lock")):
        if not manifest.exists() or _newest(root) > manifest.stat().st_mtime:
            done = subprocess.run(
                [*DBT, "parse", "--quiet", "--project-dir", str(root), "--profiles-dir", str(root)],
                cwd=root, env=environment(places), capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                raise MendableError(f"The dbt project cannot be parsed:\n{(done.stdout + done.stderr).strip()}")
            os.utime(manifest)
    return manifest


def findings(places: Places) -> list[Finding]:
    """What did not pass in the last build, errors first; empty if it left no results."""
    return list(_findings(target(places)))


def explain(failed: list[Finding]) -> str:
    """The failures as text for people, with where to look and what to do."""
    lines = []
    for finding in failed:
        if finding.status in ("error", "fail", "runtime error"):
            lines.append(f"  {finding.kind} {finding.name}: {finding.message}")
            lines += [f"    SQL: {finding.compiled}"] if finding.compiled else []
    skipped = sum(finding.status == "skipped" for finding in failed)
    lines += [f"  {skipped} more were skipped because of these."] if skipped else []
    if any(finding.status == "fail" for finding in failed):
        lines.append(
            "That SQL gives the rows at fault: mend them in landing or config, or mend the model, and run again."
        )
    return "\n".join(lines)


def _findings(folder: Path) -> Iterator[Finding]:
    try:
        results = json.loads((folder / "run_results.json").read_text())["results"]
        nodes = json.loads((folder / "manifest.json").read_text())["nodes"]
    except (OSError, ValueError):
        return
    order = {"error": 0, "runtime error": 0, "fail": 1, "warn": 2, "skipped": 3}
    for result in sorted(results, key=lambda r: (order.get(r["status"], 9), r["unique_id"])):
        if result["status"] in order:
            kind, _, *name = result["unique_id"].split(".")
            message = " ".join((result.get("message") or "").split())
            compiled = nodes.get(result["unique_id"], {}).get("compiled_path") or ""
            yield Finding(name[0], kind, result["status"], message, compiled)


def _newest(root: Path) -> float:
    """When the project last changed; a folder's own time tells of files removed from it."""
    found = [path for folder in FOLDERS for path in ((root / folder), *(root / folder).rglob("*")) if path.exists()]
    return max(path.stat().st_mtime for path in (*found, *(root / f for f in FILES if (root / f).exists())))
