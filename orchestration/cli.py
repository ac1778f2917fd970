"""The command line: `costgrain run`, `status`, `init`, `demo`, `serve`, `reprice`, `close`, `invoice`."""

from __future__ import annotations

import sys
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orchestration.demo import DEFAULT_CALLS_PER_DAY, DEFAULT_DAYS, DEFAULT_END, DEFAULT_SEED
from orchestration.errors import MendableError
from orchestration.places import Places, PlacesError

app = typer.Typer(
    help="Analytics warehouse for AI spend: from landed files to published unit costs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Demo = Annotated[bool, typer.Option("--demo", help="The demo company, whatever has landed.")]

invoices = typer.Typer(help="Invoices: type one in, look at one.", no_args_is_help=True)
app.add_typer(invoices, name="invoice")


class Basis(StrEnum):
    list = "list"
    contracted = "contracted"


class Format(StrEnum):
    jsonl = "jsonl"
    parquet = "parquet"


@app.command()
def run(
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 on quarantine and warnings too.")] = False,
    demo: Demo = False,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Rebuild every day.")] = False,
    as_adjustment: Annotated[
        bool,
        typer.Option("--as-adjustment", help="Let config change closed months; the next statement adjusts."),
    ] = False,
) -> None:
    """Ingest, build, test, publish, and print what came of it. Without landed files: the demo company."""
    from orchestration import run as running
    from orchestration import summary

    places = running.choose(Places.from_env(), demo=demo)
    if places.is_demo and not demo:
        print(f"Nothing has landed in {Places.from_env().landing}, so this is the demo company.", flush=True)
    ran = running.run(places, full_refresh=full_refresh, as_adjustment=as_adjustment)
    troubles = summary.show(places, ran.warnings)
    if strict and troubles:
        raise MendableError(f"Published, but --strict: {'; '.join(troubles)}.")


@app.command()
def status(demo: Demo = False) -> None:
    """Print the summary of what is published."""
    from orchestration import run as running
    from orchestration import summary

    summary.show(running.choose(Places.from_env(), demo=demo))


@app.command()
def init() -> None:
    """Propose rows for attribution_keys, api_keys and customer_aliases, ranked by what each would explain."""
    from orchestration import init as proposing

    proposing.init(Places.from_env())


@app.command()
def demo(
    days: Annotated[int, typer.Option(min=1, help="Days of calls, the last of them --end.")] = DEFAULT_DAYS,
    calls_per_day: Annotated[int, typer.Option(min=1)] = DEFAULT_CALLS_PER_DAY,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = DEFAULT_SEED,
    end: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day.")] = f"{DEFAULT_END}",  # type: ignore
    format: Annotated[Format, typer.Option(help="Of the call log.")] = Format.jsonl,
    out: Annotated[Path | None, typer.Option(help="Landing folder to write; default: the demo's own.")] = None,
    config: Annotated[Path | None, typer.Option(help="Folder for the demo's config; default: beside its own.")] = None,
) -> None:
    """Write the demo company's files, and answer_key.json beside them; builds nothing."""
    from orchestration import run as running

    own = Places.from_env().demo()
    landing = (out or own.landing).absolute()
    if config is None and out is None:
        config = own.config
    running.make_demo(
        landing, days=days, calls_per_day=calls_per_day, seed=seed, end=end.date(), format=format.value, config=config,
        echo=lambda text: print(text, flush=True),
    )  # fmt: skip
    print(f"The demo company's files: {landing}; their true totals: {landing.parent / 'answer_key.json'}")


@app.command()
def serve(demo: Demo = False) -> None:
    """Dagster's UI and the dbt docs on this machine, until Ctrl-C."""
    from orchestration import run as running
    from orchestration import serve as serving

    serving.serve(running.choose(Places.from_env(), demo=demo))


@app.command()
def reprice(
    as_known_at: Annotated[str, typer.Option("--as-known-at", help="A day (its end) or a time, in UTC.")],
    month: Annotated[str | None, typer.Option(help="Only usage of this month, such as 2026-08.")] = None,
    basis: Annotated[Basis, typer.Option(help="At public or at negotiated prices.")] = Basis.contracted,
    demo: Demo = False,
) -> None:
    """What usage would have cost by the prices known then, beside what it costs by those known now."""
    from orchestration import reprice as repricing
    from orchestration import run as running

    places = running.choose(Places.from_env(), demo=demo)
    repricing.show(repricing.reprice(places, as_known_at, month, basis.value), as_known_at, basis.value)


@app.command()
def close(
    month: Annotated[str, typer.Argument(help="The month that has ended, such as 2026-09.")],
    accept: Annotated[str | None, typer.Option(help="Why it is closed although something is open.")] = None,
    materiality: Annotated[
        Decimal, typer.Option(parser=Decimal, help="USD up to which what nobody can explain may stay so.")
    ] = Decimal(100),
    by: Annotated[str | None, typer.Option(help="Who closes it; default: the user of this machine.")] = None,
    demo: Demo = False,
) -> None:
    """Print what is open of a month, and issue its statement: it never changes again."""
    from orchestration import close as closing
    from orchestration import run as running

    places = running.choose(Places.from_env(), demo=demo)
    closing.close(places, month, accept=accept, materiality=materiality, by=by)


@app.command()
def explain(
    statement_id: Annotated[str, typer.Argument(help="Of a line of finance.chargeback_statement, or how it begins.")],
    every: Annotated[bool, typer.Option("--every", help="All charges, however many.")] = False,
    demo: Demo = False,
) -> None:
    """Print the path from a line of a statement down to rules, charges, invoices and rows of files."""
    from orchestration import explain as explaining
    from orchestration import run as running

    explaining.explain(running.choose(Places.from_env(), demo=demo), statement_id, every=every)


@app.command()
def receipt(
    outcome: Annotated[str, typer.Argument(help="The outcome's id, as its file names it.")],
    demo: Demo = False,
) -> None:
    """Print what one outcome cost: each call, share and human minute, adding up."""
    from orchestration import receipt as receipts
    from orchestration import run as running

    receipts.receipt(running.choose(Places.from_env(), demo=demo), outcome)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def mf(arguments: typer.Context, demo: Demo = False) -> None:
    """Metrics by MetricFlow, of what is published: `mf query --metrics effective_cost --group-by metric_time`."""
    from orchestration import metrics
    from orchestration import run as running

    raise typer.Exit(metrics.mf(running.choose(Places.from_env(), demo=demo), arguments.args))


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(help="A file of rules that is not in use yet, such as allocation_rules.csv.")],
    demo: Demo = False,
) -> None:
    """What each target would bear of the last closed month with another file of rules; nothing is published."""
    from orchestration import preview as previewing
    from orchestration import run as running

    previewing.preview(running.choose(Places.from_env(), demo=demo), file)


@invoices.command("add")
def add_invoice(
    vendor: Annotated[str, typer.Option(help="Who sent it.")],
    month: Annotated[str, typer.Option(help="The month that it is for, such as 2026-08.")],
    total: Annotated[str, typer.Option(help="What is to be paid, tax included.")],
    tax: Annotated[str, typer.Option(help="The tax in it.")] = "0",
    currency: Annotated[str, typer.Option(help="Three letters.")] = "USD",
    invoice_id: Annotated[str | None, typer.Option(help="Its number; default: vendor and month.")] = None,
    service: Annotated[str | None, typer.Option(help="What was bought.")] = None,
    category: Annotated[str | None, typer.Option(help="Such as vector database, observability, subscription.")] = None,
    account: Annotated[str | None, typer.Option(help="Your account there.")] = None,
    document: Annotated[Path | None, typer.Option(help="The invoice itself: its hash stands in the lines.")] = None,
) -> None:
    """Write an invoice into landing/invoices/, as a line of what it is for and one of its tax."""
    from orchestration import invoice

    places = Places.from_env()
    file = invoice.add(
        places.landing, places.now, vendor=vendor, month=month, total=total, tax=tax, currency=currency,
        invoice_id=invoice_id, service=service, category=category, account=account, document=document,
    )  # fmt: skip
    print(f"{file}\n{file.read_text(encoding='utf-8')}costgrain run takes it in.")


@invoices.command("show")
def show_invoice(
    vendor: Annotated[str, typer.Argument(help="Whose invoice, by its name in the marts or on its bill.")],
    invoice: Annotated[str, typer.Argument(help="Its number, or a month such as 2026-10.")],
    dispute: Annotated[Path | None, typer.Option(help="CSV to write for the vendor: what to ask about.")] = None,
    demo: Demo = False,
) -> None:
    """Print what an invoice bills, what was metered, and what lies between, by cause."""
    from orchestration import reconciliation
    from orchestration import run as running

    reconciliation.show(running.choose(Places.from_env(), demo=demo), vendor, invoice, dispute)


def main() -> None:
    """Exit codes: 0 done; 1 not done, with the reason and the mend; 2 wrong usage."""
    try:
        app()
    except (MendableError, PlacesError) as error:
        print(f"costgrain: {error}", file=sys.stderr)
        sys.exit(getattr(error, "exit_code", 1))
