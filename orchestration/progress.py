"""How a run tells what it is doing. Two loggers, so that the command line and Dagster's event log hear the same.

`step` says that something is done, and stays; `live` says what is being done right now, and is overwritten.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

STEPS = "costgrain.steps"  # named in dagster.yaml, so that each line shows in Dagster's log of the run too
LIVE = "costgrain.live"


def step(message: str) -> None:
    logging.getLogger(STEPS).info("%s", message)


def live(message: str) -> None:
    logging.getLogger(LIVE).info("%s", message)


def wide_console() -> Console:
    """Standard output: as wide as the terminal, and wide enough for our tables in a pipe or a file."""
    console = Console()
    return console if console.is_terminal else Console(width=150)


class _Show(logging.Handler):
    """Prints steps as lines; on a terminal, what is live stands in a line of its own below them."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self.console = console
        self.began = time.monotonic()
        self.status = console.status("") if console.is_terminal else None

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == STEPS:
            seconds = f"{time.monotonic() - self.began:5.0f} s"
            self.console.print(f"[dim]{seconds}[/dim]  {escape(record.getMessage())}", highlight=False, soft_wrap=True)
        elif self.status:
            self.status.update(escape(record.getMessage()))


@contextmanager
def shown(log: Path) -> Iterator[Console]:
    """Show steps on standard output; whatever else this process and its children print goes to the file `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with os.fdopen(os.dup(1), "w") as out, log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        handler = _Show(Console(file=out))
        loggers = [logging.getLogger(name) for name in (STEPS, LIVE)]
        try:
            for logger in loggers:
                logger.addHandler(handler)
                logger.setLevel(logging.INFO)
                logger.propagate = False
            if handler.status:
                handler.status.start()
            yield handler.console
        finally:
            if handler.status:
                handler.status.stop()
            for logger in loggers:
                logger.removeHandler(handler)
            sys.stdout.flush()
            sys.stderr.flush()
            for number, original in enumerate(kept, start=1):
                os.dup2(original, number)
                os.close(original)
