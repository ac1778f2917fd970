"""A dbt that has started and has parsed the project, and runs each command in a fork of itself.

Both take longer than to build a small warehouse, and the parsed project is the same whatever the folders and now are.
A line of input is a command: arguments, environment, the file for what dbt prints. It is answered with the exit code.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
from functools import cache
from tempfile import TemporaryDirectory

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.artifacts.resources.types import NodeType
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.clients.jinja import template_cache
from dbt_common.events.base_types import EventMsg

from orchestration.dbt_process import look_up_only_what_is_asked, parse_once_for_all_places
from orchestration.places import ROOT


def main() -> None:
    connect = duckdb.connect
    # Small warehouses have nothing to share among threads, which would only wait for each other.
    duckdb.connect = lambda path, read_only, config: connect(path, read_only, {**config, "threads": 1})
    parse_once_for_all_places()
    look_up_only_what_is_asked()
    for macro in parsed(False).macros.values():
        template_cache.get_node_template(macro)  # compiled once here, not in each fork
    for line in sys.stdin:
        asked = json.loads(line)
        manifest = parsed("full_test" in " ".join(asked["arguments"]))
        gc.freeze()  # what is parsed stays: no fork need look for what of it is garbage
        child = os.fork()
        if not child:
            os._exit(run(manifest, **asked))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


@cache
def parsed(full_test: bool) -> Manifest:
    """The project as parsed, with or without the tests that this variable switches on; no other variable does."""
    with TemporaryDirectory() as target:
        if not full_test:
            shutil.copy(ROOT / "target" / "partial_parse.msgpack", target)
        # dbt's static parser has threads, which a fork does not have: a command that parsed in one would wait for ever.
        done = dbtRunner().invoke([
            *"--quiet --log-level-file none parse --no-write-json --no-static-parser --target-path".split(), target,
            *(("--vars", "full_test: true") if full_test else ()),
        ])  # fmt: skip
    if not done.success:
        raise SystemExit(f"The project cannot be parsed: {done.exception}")
    return done.result


def tell(event: EventMsg) -> None:
    if event.info.level != "debug":
        print(event.info.msg)


def run(manifest: Manifest, arguments: list[str], environment: dict[str, str], output: str, built: list[str]) -> int:
    os.environ.clear()
    os.environ.update(environment)
    with open(output, "w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    if arguments[0] == "build" and {"test", "unit_test"} <= set(arguments):
        # They are left out anyway, but dbt would first find out for each of them what waits for it.
        for node in [node for node in manifest.nodes.values() if node.resource_type == NodeType.Test]:
            del manifest.nodes[node.unique_id]
        manifest.unit_tests.clear()
    for name in built:
        # Found by a tag at once; by their names, each of which dbt compares with every node, in seconds.
        manifest.nodes[name].tags.append("built")
    # dbt's own logger makes a line of each of its thousand debug events before it throws it away.
    os.environ["DBT_LOG_LEVEL"] = os.environ["DBT_LOG_LEVEL_FILE"] = "none"
    # Two threads of one interpreter take more of it than one, and the other cores have other tests.
    done = dbtRunner(manifest, callbacks=[tell]).invoke([*arguments, "--threads", "1"])
    if done.exception:
        print(done.exception)
    # A fork ends without what a process does at its end: the files would keep their changes beside them.
    DuckDBConnectionManager.close_all_connections()
    sys.stdout.flush()
    return 0 if done.success else 1


if __name__ == "__main__":
    main()
