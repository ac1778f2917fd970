"""`python -m orchestration.dbt_process build …`: dbt, in a process that does not outlive the run that started it.

A killed run would otherwise leave dbt behind, writing to the warehouse while the next run starts.
"""

from __future__ import annotations

import os
import threading
import time

# What of a connection only says where a warehouse lies and how much memory it has.
PLACES = {"path", "attach", "config_options", "settings"}


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def parse_once_for_all_places() -> None:
    """Let dbt use a parsed project in another home folder, too.

    It parses anew where any part of the connection is another; no node of ours is made from these.
    """
    from dbt.adapters.duckdb.credentials import DuckDBCredentials

    keys = DuckDBCredentials._connection_keys
    DuckDBCredentials._connection_keys = lambda self: tuple(key for key in keys(self) if key not in PLACES)


def look_up_only_what_is_asked() -> None:
    """Let dbt render an argument of a test as it renders SQL: with the macros that it names, not with a copy of all."""
    from dbt_common.clients.jinja import MacroFuzzTemplate, NativeSandboxTemplate

    NativeSandboxTemplate.new_context = MacroFuzzTemplate.new_context


def main() -> None:
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    from dbt.cli.main import cli

    parse_once_for_all_places()
    look_up_only_what_is_asked()
    cli()


if __name__ == "__main__":
    main()
