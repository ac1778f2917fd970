"""Remove what is derived: by name, below home and the project's own dbt folders. Runs on a bare Python."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from orchestration.places import ROOT, Places, PlacesError

# Everything the project writes below home. What else lies there is somebody's own and stays.
DERIVED = (
    "raw",
    "quarantine",
    "ingest",
    "build",
    "published",
    "demo",
    "dbt",
    "docs",
    "dagster",
    "logs",
    "tmp",
    "bench",
)
DERIVED_FILES = ("warehouse.duckdb", "warehouse.duckdb.wal", ".lock", ".lock.holder.json")


def clean(places: Places, root: Path = ROOT) -> list[Path]:
    """The folders and files that were removed.

    Landing, config and ledger are never touched: a derived folder that holds one of them is left alone. The demo
    company's own landing, config and ledger are written by the program, lie in home/demo, and go with it.
    """
    kept = [place.resolve() for place in (places.landing, places.config, places.ledger)]
    candidates = [places.home / name for name in (*DERIVED, *DERIVED_FILES)] + [root / "target", root / "logs"]
    removed = []
    for path in candidates:
        real = path.resolve()
        holds_kept = any(keep == real or real in keep.parents or keep in real.parents for keep in kept)
        if holds_kept or not (path.exists() or path.is_symlink()):
            continue
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path)
        removed.append(path)
    if places.home.is_dir() and not any(places.home.iterdir()):
        places.home.rmdir()
    return removed


def main() -> int:
    try:
        removed = clean(Places.from_env())
    except PlacesError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(f"removed {path}" for path in removed) or "Nothing to remove.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
