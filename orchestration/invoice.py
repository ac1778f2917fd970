"""`costgrain invoice add`: an invoice that no program can parse becomes lines in landing/invoices/."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from orchestration.errors import MendableError

HEADER = "vendor invoice_id line period service category amount currency account document_hash".split()


class WrongInvoiceError(MendableError):
    """A value that cannot be; the message names the option and the mend."""

    exit_code = 2


def add(
    landing: Path,
    now: datetime,
    *,
    vendor: str,
    month: str,
    total: str,
    tax: str,
    currency: str,
    invoice_id: str | None,
    service: str | None,
    category: str | None,
    account: str | None,
    document: Path | None,
) -> Path:
    """Write the lines of one invoice: what it is for, and its tax where there is any; returns the file.

    `total` holds the tax. The same invoice again changes nothing. Raises WrongInvoiceError for a value that cannot be,
    MendableError where another invoice of this name lies there already.
    """
    vendor, currency = vendor.strip(), currency.strip().upper()
    if not vendor:
        raise WrongInvoiceError("--vendor is empty. Name who sent the invoice.")
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
        raise WrongInvoiceError(f"--month is not a month ({month}). Write it as 2026-08.")
    if month > f"{now:%Y-%m}":
        raise WrongInvoiceError(f"--month has not come yet ({month}). Give the month that the invoice is for.")
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise WrongInvoiceError(f"--currency is not a currency ({currency}). Write its three letters, such as EUR.")
    whole, part = _amount("--total", total), _amount("--tax", tax)
    if abs(part) > abs(whole) or part * whole < 0:
        raise WrongInvoiceError(f"--tax ({tax}) is not a part of --total ({total}). The total holds the tax.")
    if document is not None and not document.is_file():
        raise WrongInvoiceError(
            f"--document is not a file ({document}). Give the path of the invoice, or leave it out."
        )
    # An invoice that lies there under a name of Latin letters, as names once were, keeps it.
    for plain in (_latin, _plain):
        named = (invoice_id or "").strip() or f"{plain(vendor)}-{month}"
        file = landing / "invoices" / f"{plain(vendor)}_{month}_{plain(named)}.csv"
        if _vendor_in(file) == vendor:
            break
    hashed = hashlib.sha256(document.read_bytes()).hexdigest() if document else ""
    common = [service or "", category or "", account or "", hashed]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for line, amount, kind in ((1, whole - part, common[1]), (2, part, "tax")):
        if line == 1 or amount:
            row = [vendor, named, line, month, common[0], kind, f"{amount:f}", currency, *common[2:]]
            writer.writerow(row)
    if file.exists() and file.read_text(encoding="utf-8") != text.getvalue():
        raise MendableError(
            f"{file} holds other lines of this invoice. Remove it to replace them, or give another --invoice-id."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".csv.tmp")
    unfinished.write_text(text.getvalue(), encoding="utf-8")
    os.replace(unfinished, file)
    return file


def _amount(option: str, text: str) -> Decimal:
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite():
        raise WrongInvoiceError(f"{option} is not an amount ({text}). Write it as 1234.56, without separators.")
    if abs(amount) >= 10**20 or amount.as_tuple().exponent < -18:
        raise WrongInvoiceError(
            f"{option} is not an amount that can be kept ({text}): at most 20 digits before the point, 18 after it."
        )
    return amount


def _vendor_in(file: Path) -> str | None:
    if not file.exists():
        return None
    with file.open(encoding="utf-8", newline="") as lines:
        return next(csv.DictReader(lines), {}).get("vendor")


def _latin(name: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "invoice"


def _plain(name: str) -> str:
    """Its letters and digits, of any script: two vendors of other letters are two names."""
    return re.sub(r"[^\w.]+|_+", "-", name.lower()).strip("-.") or "invoice"
