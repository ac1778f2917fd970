"""`python -m orchestration.dbt_process build …`: dbt, in a process that does not outlive the run that started it.

A killed run would otherwise leave dbt behind, writing to the warehouse while the next run starts.
"""

from __future__ import annotations

import os
import threading
import time


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def main() -> None:
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    from dbt.cli.main import cli

    cli()


if __name__ == "__main__":
    main()
