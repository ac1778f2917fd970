"""Fixtures that every Python test may use."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from orchestration.places import ROOT, Places

NOW = datetime(2026, 11, 1)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Empty places of a company of one's own, at a fixed now."""
    made = Places(tmp_path / "landing", tmp_path / "config", tmp_path / "ledger", tmp_path / "home", NOW)
    made.landing.mkdir()
    return made


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files that nobody here wrote; the test is skipped where it is absent."""
    folder = Path(os.environ.get("COSTGRAIN_REAL_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the real files are absent: {folder}")
    return folder
