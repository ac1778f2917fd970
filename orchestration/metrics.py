"""`costgrain mf …`: MetricFlow's own command line, on the published marts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from orchestration import dbt_project, publish
from orchestration.places import ROOT, Places

# It asks the package index for a newer version at each start, and has no setting against it.
MF = """
from dbt_metricflow.cli import main
main.UpdateChecker.check = lambda *_: None
main.cli(prog_name="costgrain mf")
"""


def mf(places: Places, arguments: Sequence[str]) -> int:
    """Run MetricFlow and return its exit code; PublishedError's mend where nothing is published yet."""
    with publish.opened(places):
        pass
    dbt_project.fresh_manifest(places)
    environment = {**dbt_project.environment(places), "COSTGRAIN_DBT_TARGET": "published"}
    return subprocess.run([sys.executable, "-c", MF, *arguments], env=environment, cwd=ROOT, check=False).returncode
