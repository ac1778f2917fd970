"""Dagster's UI and the dbt docs on this machine. Both end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from orchestration import dbt_project, lock, publish
from orchestration.errors import MendableError
from orchestration.places import ROOT, Places
from orchestration.run import ensure_demo, set_environment

HOST, DAGSTER_PORT, DOCS_PORT = "127.0.0.1", 3000, 8081


class _Docs(SimpleHTTPRequestHandler):
    """Says nothing per request, so that Dagster's log can be read."""

    def log_message(self, *_: object) -> None: ...

    def copyfile(self, source, outputfile) -> None:
        with suppress(ConnectionError):  # the browser left before the page was whole
            super().copyfile(source, outputfile)


def serve(places: Places) -> None:
    """Serve until Ctrl-C (or a SIGTERM); raises MendableError where a port is taken or Dagster cannot start."""
    now = os.environ.get("COSTGRAIN_NOW")
    print("Writing the dbt docs …", flush=True)
    docs = write_docs(places)
    set_environment(places)
    if now is None:
        del os.environ["COSTGRAIN_NOW"]  # each run from the UI and the schedule looks at the clock itself
    try:
        web = ThreadingHTTPServer((HOST, DOCS_PORT), partial(_Docs, directory=str(docs)))
    except OSError as error:
        raise MendableError(
            f"The docs cannot be served on {HOST}:{DOCS_PORT}: {error.strerror}. Free that port."
        ) from None
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    command = ["dagster", "dev", "-m", "orchestration.definitions", "-h", HOST, "-p", str(DAGSTER_PORT)]
    # A session of its own, so that its helpers (it leaves some behind) can be ended with it.
    dagster = subprocess.Popen([sys.executable, "-W", "ignore", "-m", *command], cwd=ROOT, start_new_session=True)
    try:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        print(
            f"Dagster: http://{HOST}:{DAGSTER_PORT}   dbt docs: http://{HOST}:{DOCS_PORT}   (Ctrl-C ends both)",
            flush=True,
        )
        if dagster.wait():
            raise MendableError(f"Dagster ended with {dagster.returncode}; see above. Is port {DAGSTER_PORT} free?")
    except KeyboardInterrupt:
        pass
    finally:
        web.shutdown()
        dagster.terminate()
        dagster.wait()
        with suppress(ProcessLookupError):
            os.killpg(dagster.pid, signal.SIGTERM)


def write_docs(places: Places) -> Path:
    """The folder with the dbt docs as one page; without the tables' sizes while a run is writing."""
    folder = places.home / "docs"
    folder.mkdir(parents=True, exist_ok=True)
    command = [*dbt_project.DBT, "docs", "generate", "--static", "--quiet", "--target-path", str(folder)]
    environment = dbt_project.environment(places)
    try:
        with lock.writer(places, "costgrain serve (docs)"):
            if places.is_demo:
                ensure_demo(places)
            publish.prepare(places)
            _call(command, environment)
    except MendableError:
        _call([*command, "--no-compile", "--empty-catalog"], environment)
    page = folder / "static_index.html"
    os.replace(page, folder / "index.html")
    return folder


def _call(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise MendableError(f"The dbt docs cannot be written:\n{(done.stdout + done.stderr).strip()}")


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
