"""`costgrain init`: from what has landed, proposed rows for three config files, ranked by what each would explain."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from orchestration import config, lock
from orchestration.errors import MendableError
from orchestration.places import Places
from orchestration.progress import wide_console
from orchestration.proposals import (
    READ,
    Proposal,
    api_keys,
    attribution_keys,
    customer_aliases,
    load,
    percent,
    read_file,
)


def init(places: Places) -> None:
    """Propose, write and print; existing rows stay as they are. Raises MendableError where nothing has landed."""
    console = wide_console()
    config.check(places)
    with lock.writer(places, "costgrain init"):
        landed = _ingest(places)
        if not landed:
            raise MendableError(
                f"Nothing that init reads lies in {places.landing}. Put a LiteLLM export into "
                f"{places.landing / 'litellm'} (or calls into llm_calls, a FOCUS bill into focus) and run this again. "
                "For other sources, write the rows of config yourself."
            )
        with duckdb.connect() as con:
            units = load(con, places, landed)
            proposed = {
                "attribution_keys": attribution_keys(con, places, units),
                "api_keys": api_keys(con, places, units),
                "customer_aliases": customer_aliases(con, places, units),
            }
        for name, proposals in proposed.items():
            _append(places, name, [proposal.row for proposal in proposals])
            _show(console, places, name, proposals)
    console.print("Read the rows, correct them, fill in approved_by; then [bold]costgrain run[/bold] builds with them.")


def _ingest(places: Places) -> list[str]:
    """The sources with calls or charges in raw, after taking in what is new."""
    from orchestration.ingest import ingest_source
    from orchestration.ledger.files import LedgerError

    try:
        found = {source: ingest_source(places, source).rows_accepted for source in (*READ, "customers")}
    except LedgerError as error:
        raise MendableError(str(error)) from None
    return [source for source in READ if found[source]]


def _append(places: Places, name: str, rows: Iterable[dict[str, str]]) -> None:
    """Add rows below what is there, byte for byte. A new file starts with the defaults, whose place it takes."""
    rows = list(rows)
    if not rows:
        return
    before = read_file(places, name).read_bytes()
    header = next(csv.reader(before.decode("utf-8-sig").splitlines()))
    added = io.StringIO()
    csv.DictWriter(added, header, restval="", lineterminator="\n").writerows(rows)
    places.config.mkdir(parents=True, exist_ok=True)
    fresh = places.config / f".{name}.csv.tmp"
    fresh.write_bytes(before + (b"" if before.endswith(b"\n") else b"\n") + added.getvalue().encode())
    fresh.replace(places.config / f"{name}.csv")


def _show(console: Console, places: Places, name: str, proposals: list[Proposal]) -> None:
    path = places.config / f"{name}.csv"
    if not proposals:
        console.print(f"[bold]{name}[/bold]: nothing to add.\n")
        return
    columns = [column for column in proposals[0].row if column not in ("priority", "reason")]
    console.print(f"[bold]{name}[/bold]: {len(proposals)} rows added to {path}", soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD)
    for column in (*columns, "explains", "note"):
        table.add_column(column, overflow="fold")
    for proposal in proposals:
        # A key's hash is long, and its beginning tells it apart.
        cells = [proposal.row[column][: 16 if column == "api_key" else None] for column in columns]
        table.add_row(*cells, percent(proposal.share), proposal.note)
    console.print(table)
    console.print(f"{_sentence(name, proposals)}\n", soft_wrap=True)


def _sentence(name: str, proposals: list[Proposal]) -> str:
    """What the proposals explain together, source by source (their units differ)."""
    told = []
    for source in dict.fromkeys(proposal.row["source"] for proposal in proposals):
        mine = [proposal for proposal in proposals if proposal.row["source"] == source]
        unit = mine[0].unit
        if name == "api_keys":
            owned = [proposal for proposal in mine if proposal.row["team"]]
            share = percent(sum((proposal.share for proposal in owned), Decimal()))
            told.append(f"{source}: these {len(owned)} keys give {share} of the {unit} an owner")
            if len(owned) < len(mine):
                rest = percent(sum((proposal.share for proposal in mine), Decimal()))
                told[-1] += f"; the other {len(mine) - len(owned)} need a team (all together: {rest})"
        elif name == "customer_aliases":
            share = percent(sum((proposal.share for proposal in mine), Decimal()))
            told.append(f"{source}: these {len(mine)} ids stand for {share} of the {unit}")
        else:
            told.append(f"{source}: the widest of these {len(mine)} keys is on {percent(mine[0].share)} of the {unit}")
    return ". ".join(told) + "."
