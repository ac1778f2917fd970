"""Fixtures that every Python test may use."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import warehouse
from filelock import FileLock

from orchestration.demo import write_demo
from orchestration.places import Places

NOW = datetime(2026, 11, 1)


# Tests of several minutes: begun last, they would run beside idle cores. And the demo: many others wait for it.
FIRST = ("test_same_input_same_marts.py", "test_demo_marts.py", "test_sources.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in FIRST)


@pytest.fixture(scope="session", autouse=True)
def shared_folder(tmp_path_factory, worker_id) -> Path:
    """A folder of this run of pytest, the same for all of its processes."""
    own = tmp_path_factory.getbasetemp()
    folder = own if worker_id == "master" else own.parent
    warehouse.EMPTY = folder / "empty"
    return folder


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Empty places of a company of one's own, at a fixed now."""
    made = Places(tmp_path / "landing", tmp_path / "config", tmp_path / "ledger", tmp_path / "home", NOW)
    made.landing.mkdir()
    return made


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files that nobody here wrote; the test is skipped where it is absent."""
    folder = warehouse.real_folder()
    if not folder.is_dir():
        pytest.skip(f"the real files are absent: {folder}")
    return folder


@pytest.fixture(scope="session")
def demo(shared_folder) -> Places:
    """A smaller demo, written and then built by `costgrain run` as it finds an empty landing folder.

    Whichever process of pytest needs it first makes it; the others wait and read the same.
    """
    home = shared_folder / "demo" / "home"
    places = Places.from_env({"COSTGRAIN_HOME": str(home), "COSTGRAIN_NOW": "2026-11-02T06:00:00Z"}, home.parent).demo()
    with FileLock(home.parent.with_suffix(".lock")):
        if not places.published_marts.exists():
            write_demo(places.landing, days=62, calls_per_day=150, config=places.config)
            done = warehouse.costgrain(home, "run")
            assert done.returncode == 0, done.stdout + done.stderr
            assert "demo" in done.stdout
    return places
