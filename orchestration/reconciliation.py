"""`costgrain invoice show`: one invoice on one page, and what to ask its vendor. Reads the published marts alone."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from orchestration import publish
from orchestration.errors import MendableError
from orchestration.places import Places
from orchestration.progress import wide_console

HEADER = (
    "invoice line description date model token_class cause certainty quantity_expected quantity_charged "
    "unit_price_expected_usd unit_price_charged_usd amount_expected_usd amount_charged_usd difference_usd request_ids"
).split()
MOST_IDS = 100  # of one line, in the file for the vendor
# What a vendor is asked about: not what our own logs lack, nor what a contract, a tax or a calendar explains.
DISPUTED = ("price_drift", "unit_error", "tier_or_batch", "region", "report_scope", "unexplained", "aborted_call")

# Of these, what is disputed is how much was used.
QUANTITIES = ("unit_error", "report_scope", "aborted_call")

# A cloud's bill holds what it sells of other vendors too.
LINES = """
    select * from finance.invoice_reconciliation
    where lower($vendor) in (lower(vendor), lower(bill_vendor)) and line is not null
        and (invoice_id = $invoice or strftime(billing_month, '%Y-%m') = $invoice)
"""
# Who is asked for by the name that the bill itself writes, such as Together AI.
NAMED = """
    select distinct lines.bill_vendor
    from finance.invoice_reconciliation as lines
    inner join core.fct_cost_lines as charges on lines.line = charges.cost_line_id
    where lower(charges.provider) = lower($vendor)
        and not exists (
            select 1 from finance.invoice_reconciliation where lower($vendor) in (lower(vendor), lower(bill_vendor)))
"""
BY_CAUSE = f"""
    with lines as ({LINES})
    select cause, certainty, count(distinct line), sum(amount_usd)
    from lines where cause <> 'none' group by all order by certainty desc, abs(sum(amount_usd)) desc, cause
"""
TOTALS = f"""
    with lines as ({LINES}), each as (
        select distinct line, billed_usd, metered_usd from lines),
    period as (
        select min(charges.charge_date) as first_date,
            max(greatest(charges.charge_period_end, charges.charge_date + interval 1 day)) as ended_at
        from lines inner join core.fct_cost_lines as charges on lines.line = charges.cost_line_id)
    select count(*), sum(billed_usd), sum(metered_usd), any_value(first_date),
        cast(any_value(ended_at) - interval 1 microsecond as date)
    from each cross join period
"""
BY_VENDOR = f"""
    with lines as ({LINES}), each as (select distinct vendor, line, billed_usd from lines)
    select vendor, count(*), sum(billed_usd) from each group by vendor order by 3 desc nulls last, vendor
"""
WITHOUT_RATE = f"""
    with lines as ({LINES})
    select billing_currency, count(*), sum(billed_cost)
    from lines where cause = 'fx' and billed_usd is null group by all order by all
"""
# The calls behind a charge are those of its vendor and days, of its model where it names one.
BEHIND = """
    inner join core.fct_llm_calls as calls
        on calls.provider = charges.vendor and calls.call_date >= charges.charge_date
        and calls.called_at < greatest(charges.charge_period_end, charges.charge_date + interval 1 day)
        and (charges.model is null or charges.model in (calls.model, calls.price_model))
"""
CALLS = f"""
    select coalesce(calls.response_id, calls.request_id, calls.call_id) as request
    from core.fct_cost_lines as charges {BEHIND}
    where charges.cost_line_id = $line and ($cause <> 'aborted_call' or calls.status <> 'success')
    order by calls.called_at, request
"""
CALLS_BY_CAUSE = f"""
    with lines as ({LINES})
    select lines.cause, lines.certainty, count(distinct (calls.source, calls.call_date, calls.call_id))
    from lines
    inner join core.fct_cost_lines as charges on lines.line = charges.cost_line_id {BEHIND}
    group by all
"""
# What was expected is what is charged without the difference: the price that was agreed, not the public one. What a
# balance paid of a line is charged, too.
DISPUTE = f"""
    with lines as ({LINES}),
    charged as (
        select *,
            sum(amount_usd) filter (cause = 'prepaid_or_commitment') over (partition by line) as balance_usd,
            billed_usd - coalesce(balance_usd, 0) as charged_usd
        from lines
    )
    select invoice_id, line, charge_description, charge_date, model, token_class, cause, certainty, metered_tokens,
        billed_tokens, charged_usd - amount_usd, charged_usd, amount_usd
    from charged where list_contains($disputed, cause) order by charge_date, line, cause
"""
# What fits best and no second record shows is nothing to ask a vendor about, unless nothing explains it.
LEFT_OUT = f"""
    with lines as ({LINES})
    select cause, count(distinct line), sum(amount_usd)
    from lines where certainty = 'inferred' and not list_contains($disputed, cause)
    group by all order by abs(sum(amount_usd)) desc, cause
"""


def show(places: Places, vendor: str, invoice: str, dispute: Path | None = None) -> None:
    """Print one invoice: billed, metered, and what lies between by cause and certainty; write `dispute` if it is given.

    `vendor` is its name in the marts or on its bills; `invoice` is its number, or a month (2026-10): then all that the
    vendor billed for it, or that others billed for what is the vendor's. Raises MendableError where no such invoice is
    published, naming those of the vendor.
    """
    with publish.opened(places) as marts:
        named = marts.execute(NAMED, {"vendor": vendor}).fetchall()
        wanted = {"vendor": named[0][0] if len(named) == 1 else vendor, "invoice": invoice}
        totals = marts.execute(TOTALS, wanted).fetchone()
        if not totals[0]:
            raise MendableError(_unknown(marts, vendor, invoice))
        console = wide_console()
        _print(console, wanted, totals, marts)
        if dispute is not None:
            rows = _write_dispute(marts, wanted, dispute)
            console.print(f"\n{rows:,} lines to ask the vendor about: {dispute}" if rows else "\nNothing to dispute.")
            left_out = marts.execute(LEFT_OUT, wanted | {"disputed": list(DISPUTED)}).fetchall()
            if left_out:
                told = (f"{cause} {_money(amount)} USD ({_lines(count)})" for cause, count, amount in left_out)
                console.print(
                    f"Left out, as it is inferred and not proved: {', '.join(told)}."
                    " A log or a report that did not land may be why; with it, what is wrong with the bill is proved.",
                    soft_wrap=True,
                )


def _unknown(marts: duckdb.DuckDBPyConnection, vendor: str, invoice: str) -> str:
    found = marts.execute(
        "select distinct name, coalesce(invoice_id, strftime(billing_month, '%Y-%m'))"
        " from (unpivot finance.invoice_reconciliation on vendor, bill_vendor into name kind value name)"
        " where line is not null order by 1, 2"
    ).fetchall()
    of_vendor = [number for name, number in found if name.lower() == vendor.lower()]
    if of_vendor:
        return f"No invoice {invoice} of {vendor}. Its invoices: {', '.join(of_vendor)}."
    vendors = sorted({name for name, _ in found})
    return f"No invoice of {vendor}. Vendors with invoices: {', '.join(vendors) or 'none'}."


def _print(console: Console, wanted: dict, totals: tuple, marts: duckdb.DuckDBPyConnection) -> None:
    vendor, invoice = wanted["vendor"], wanted["invoice"]
    lines, billed, metered, first, last = totals
    days = f"{first} to {last}" if first != last else first
    console.print(f"\n[bold]{escape(vendor)}, invoice {escape(invoice)}[/bold]: {_lines(lines)}, {days}")
    vendors = marts.execute(BY_VENDOR, wanted).fetchall()
    if len(vendors) > 1:
        of = (f"{escape(name)} {_money(amount)} ({_lines(count)})" for name, count, amount in vendors)
        console.print(f"Of it: {', '.join(of)}")
    for currency, count, amount in marts.execute(WITHOUT_RATE, wanted).fetchall():
        console.print(
            f"[yellow]Without a rate: {_lines(count)} of {_money(amount)} {currency}[/yellow], in no sum below."
            " Add a row to config/fx_rates.csv."
        )
    causes = marts.execute(BY_CAUSE, wanted).fetchall()
    calls = {(cause, certainty): count for cause, certainty, count in marts.execute(CALLS_BY_CAUSE, wanted).fetchall()}
    table = Table(box=box.SIMPLE_HEAD, title_justify="left")
    for name in ("", "certainty", "lines", "calls", "USD"):
        table.add_column(name, justify="left" if name in ("", "certainty") else "right")
    table.add_row("metered, at list prices", "", "", "", _money(metered))
    for cause, certainty, count, amount in causes:
        style = "bold red" if cause == "unexplained" else None
        found = calls.get((cause, certainty))
        table.add_row(cause, certainty, f"{count:,}", f"{found:,}" if found else "-", _money(amount), style=style)
    table.add_row("billed", "", f"{lines:,}", "", _money(billed), style="bold")
    console.print(table)
    sums = {"proved": Decimal(0), "inferred": Decimal(0), "unexplained": Decimal(0)}
    for cause, certainty, _, amount in causes:
        sums["unexplained" if cause == "unexplained" else certainty] += amount or 0
    console.print("   ".join(f"{name} {_money(amount)}" for name, amount in sums.items()))


def _lines(count: int) -> str:
    return f"{count:,} line{'s' * (count != 1)}"


def _money(amount: Decimal | None) -> str:
    return "-" if amount is None else f"{round(amount, 2) + 0:,.2f}"  # no -0.00


def _write_dispute(marts: duckdb.DuckDBPyConnection, wanted: dict, path: Path) -> int:
    rows = marts.execute(DISPUTE, wanted | {"disputed": list(DISPUTED)}).fetchall()
    if not rows:
        return 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for invoice_id, line, *what, cause, certainty, ours, theirs, expected, charged, difference in rows:
            ids = marts.execute(CALLS, {"line": line, "cause": cause}).fetchmany(MOST_IDS)
            what += [cause, certainty]
            prices = _unit_prices(cause, ours, theirs, charged, difference)
            amounts = [f"{amount:f}" for amount in (expected, charged, difference)]
            number = invoice_id or wanted["invoice"]
            writer.writerow([number, line, *what, ours, theirs, *prices, *amounts, " ".join(name for (name,) in ids)])
    return len(rows)


def _unit_prices(
    cause: str, ours: Decimal | None, theirs: Decimal | None, charged: Decimal, difference: Decimal
) -> list[str]:
    """The price in USD of one unit, expected and charged; empty where a quantity is not known.

    Who disputes a quantity agrees to the price. Of a price, the difference is told for what we logged alone.
    """
    if not ours or not theirs:
        return ["", ""]
    price = charged / theirs
    expected = price if cause in QUANTITIES and ours != theirs else price - difference / ours
    return [f"{expected:.15f}", f"{price:.15f}"]
