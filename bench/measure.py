"""Runs a command and measures it with everything it starts: seconds on the clock and on the processors, peak memory."""

from __future__ import annotations

import os
import subprocess
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import platform
from time import perf_counter

EVERY = 0.05  # seconds between two looks at memory


class CommandFailedError(RuntimeError):
    """The measured command did not end well; the message holds the end of what it printed."""


@dataclass(frozen=True)
class Measured:
    """`seconds` on the clock, `cpu_seconds` on all processors, `peak` bytes resident in all processes at once."""

    seconds: float
    cpu_seconds: float
    peak: int

    def then(self, other: Measured) -> Measured:
        """Both, one after the other."""
        return Measured(self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds, max(self.peak, other.peak))


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> Measured:
    """Run `command` in `folder` to its end, its output appended to `log`. Raises CommandFailedError."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        began = perf_counter()
        process = subprocess.Popen(command, env=dict(environment), cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        done, peak = threading.Event(), [0]
        watcher = threading.Thread(target=_watch, args=(process.pid, done, peak))
        watcher.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            done.set()
            watcher.join()
        seconds = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
        raise CommandFailedError("\n".join([f"{' '.join(command)} ended with {process.returncode}:", *said]))
    # Where the system has no /proc: the largest single process. Not elsewhere, as it starts from this one's own peak.
    peak[0] = peak[0] or usage.ru_maxrss * (1 if platform == "darwin" else 1024)
    return Measured(seconds, usage.ru_utime + usage.ru_stime, peak[0])


def _watch(root: int, done: threading.Event, peak: list[int]) -> None:
    page = os.sysconf("SC_PAGE_SIZE")
    while not done.wait(EVERY):
        peak[0] = max(peak[0], page * sum(_resident(root)))


def _resident(root: int) -> list[int]:
    """Resident pages of the process `root` and of its descendants; empty where the system has no /proc."""
    children: dict[int, list[int]] = defaultdict(list)
    pages: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        pid = int(stat.parent.name)
        children[int(fields[1])].append(pid)
        pages[pid] = int(fields[21])
    found, tree = [root], []
    while found:
        pid = found.pop()
        tree.append(pages.get(pid, 0))
        found += children[pid]
    return tree
