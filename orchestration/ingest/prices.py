"""Writes what dbt knows of prices: the book of both catalogues, what is held back, which price a logged model has."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from genai_prices.data_snapshot import DataSnapshot, get_snapshot

from orchestration import config
from orchestration.ingest import manifest
from orchestration.ingest.litellm_map import Entry, price_boxes
from orchestration.ingest.model_names import ModelMatcher, provider_names
from orchestration.ingest.price_book import METERS, OBSERVED_SCHEMA, price_rows, priced_models
from orchestration.ingest.price_history import ALWAYS, Box, Known, Version, accepted, dated, rows
from orchestration.places import Places

FIRST, SECOND = "genai-prices", "litellm"
TEXT, TIMESTAMP = pa.string(), pa.timestamp("us")
PRICE_BOOK_SCHEMA = pa.schema(
    [
        ("catalogue", TEXT),
        *list(OBSERVED_SCHEMA)[:3],
        ("known_from", TIMESTAMP),
        ("known_to", TIMESTAMP),
        *list(OBSERVED_SCHEMA)[3:],
    ]
)
HELD_PRICES_SCHEMA = pa.schema(
    [(name, TEXT) for name in ("catalogue", "price_provider", "price_model", "service_tier", "meter")]
    + [("known_from", TIMESTAMP), ("price", pa.decimal128(38, 15)), ("known_price", pa.decimal128(38, 15))]
)
MODEL_MATCHES_SCHEMA = pa.schema(
    [
        (name, TEXT)
        for name in (
            *("provider", "model", "price_provider", "price_model", "litellm_model", "unmetered_prices"),
            "paid_provider",
        )
    ]
)
A_TIME = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?:[T_ -]?(\d\d)[:_-]?(\d\d)(?:[:_-]?(\d\d))?)?(?!\d)")


@dataclass
class MappedModel:
    """A key of the landed LiteLLM maps: its versions, and what its newest one says beside them."""

    provider: str
    versions: list[Version] = field(default_factory=list)
    unmetered: tuple[str, ...] = ()


def write_prices(places: Places, snapshot: DataSnapshot | None = None) -> None:
    """Observes the installed library in the ledger, then writes all that raw tells of prices; unchanged files stay."""
    snapshot = snapshot or get_snapshot()
    _observe(places, price_rows(snapshot))
    confirmed = _confirmations(places)
    first = {model: accepted(told, (), confirmed(FIRST, *model)) for model, told in _observed(places).items()}
    matcher = ModelMatcher(snapshot)
    second, mapped = {}, _mapped(places)
    for name, model in mapped.items():
        rival = first.get(matcher.match(model.provider, name)[:2])
        known = accepted(model.versions, rival.versions if rival else (), confirmed(SECOND, model.provider, name))
        second[model.provider, name] = Known(dated(known.versions), known.held)
    catalogues = {FIRST: first, SECOND: second}
    _write(places, "price_book", PRICE_BOOK_SCHEMA, _book_rows(catalogues))
    _write(places, "held_prices", HELD_PRICES_SCHEMA, _held_rows(catalogues))
    priced = {name: [model for model, known in found.items() if known.versions] for name, found in catalogues.items()}
    matches = _matches(places, snapshot, ModelMatcher(snapshot, priced[FIRST], priced[SECOND]), mapped)
    _write(places, "model_matches", MODEL_MATCHES_SCHEMA, matches)


# --- the first catalogue: observations in the ledger


def _observe(places: Places, book: pa.Table) -> None:
    """One file into ledger/price_observations/ for a book that is not the newest one there.

    It is named by when and what was observed and is never rewritten.
    """
    observations = places.ledger / "price_observations"
    digest = _content_hash(book)[:16]
    newest = max((file.name for file in observations.glob("*.parquet")), default="")
    file = observations / f"{places.now:%Y%m%dT%H%M%SZ}-{digest}.parquet"
    for unfinished in observations.glob(".*.tmp"):  # of a run that was killed while it wrote
        unfinished.unlink()
    if not newest.endswith(f"-{digest}.parquet") and not file.exists():
        _write_if_changed(file, _parquet(book))


def _observed(places: Places) -> dict[tuple[str, str], list[Version]]:
    """(provider, model) -> its versions. What the first book ever observed says counts as always known."""
    found: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for number, file in enumerate(sorted((places.ledger / "price_observations").glob("*.parquet"))):
        known_at = datetime.strptime(file.name[:15], "%Y%m%dT%H%M%S") if number else ALWAYS
        book: dict[tuple[str, str], list[Box]] = defaultdict(list)
        columns = [column.to_pylist() for column in pq.read_table(file, schema=OBSERVED_SCHEMA).columns]
        for provider, model, *bounds in zip(*columns, strict=True):
            book[provider, model].append(Box(*bounds[:7], tuple(bounds[7:])))
        for model, boxes in book.items():
            _add(found[model], Version(known_at, tuple(boxes)))
    return dict(found)


def _add(versions: list[Version], version: Version) -> None:
    if not versions or versions[-1].boxes != version.boxes:
        versions.append(version)


# --- the second catalogue: LiteLLM's maps, as they landed


def known_at(entry: manifest.Entry) -> datetime:
    """When a map is known from: the earliest time or day that one of its paths tells, else its first sighting."""
    times = []
    for found in (found for path in entry.paths for found in A_TIME.finditer(path)):
        try:
            times.append(datetime(*(int(part or 0) for part in found.groups())))
        except ValueError:
            continue
    return min(times, default=entry.first_seen_at)


# One row for each entry of a map that says something else than the map before. An alias has its target's prices.
CHANGED = """
    with entries as (
        select known_at, _file_hash, _row, model, alias_of, coalesce(provider, '') as provider, to_json(struct_pack(
            mode, input_costs, output_costs, cache_read_costs, cache_write_costs, search_costs, tiered_pricing,
            off_peak_pricing))::varchar as told
        from read_parquet($paths)
        join (select unnest($hashes) as _file_hash, unnest($times) as known_at) using (_file_hash)
    ),
    resolved as (
        select e.known_at, e._file_hash, e._row, e.model, coalesce(t.provider, e.provider) as provider,
            coalesce(t.told, e.told) as told
        from entries as e left join entries as t on e.alias_of = t.model and e._file_hash = t._file_hash
        where e.model <> 'sample_spec'
    )
    select known_at, model, provider, told
    from resolved
    window versions as (partition by model order by known_at, _file_hash, _row)
    qualify lag(provider || told) over versions is distinct from provider || told
    order by known_at, _file_hash, _row
"""


def _mapped(places: Places) -> dict[str, MappedModel]:
    """Key -> what the landed maps say of it, in the order in which they are known."""
    maps = [e for e in manifest.load(places.raw / "manifest" / "litellm_prices.parquet").values() if e.parts]
    if not maps:
        return {}
    parameters = {
        "paths": [str(places.home / part.path) for entry in maps for part in entry.parts],
        "hashes": [entry.file_hash for entry in maps],
        "times": [known_at(entry) for entry in maps],
    }
    found: dict[str, MappedModel] = {}
    with duckdb.connect() as con:
        changed = con.execute(CHANGED, parameters).fetchall()
    for known, name, provider, told in changed:
        boxes, unmetered = price_boxes(_entry(json.loads(told, parse_float=Decimal, parse_int=Decimal)))
        model = found.setdefault(name, MappedModel(provider))
        model.provider, model.unmetered = provider, unmetered
        if boxes:
            _add(model.versions, Version(known, boxes))
    return found


def _entry(told: dict) -> Entry:
    prefixes = {
        "input_costs": "input_cost_per_",
        "output_costs": "output_cost_per_",
        "cache_read_costs": "cache_read_input_",
        "cache_write_costs": "cache_creation_input_",
    }
    costs = {prefix + name: p for kept, prefix in prefixes.items() for name, p in (told[kept] or {}).items()}
    return Entry(told["mode"], costs, told["search_costs"] or {}, told["tiered_pricing"], told["off_peak_pricing"])


# --- what dbt reads

Catalogues = dict[str, dict[tuple[str, str], Known]]


def _book_rows(catalogues: Catalogues) -> Iterator[tuple]:
    for name, models in catalogues.items():
        for (provider, model), known in models.items():
            for known_from, known_to, box in rows(known.versions) if known.versions else ():
                yield name, provider, model, box.service_tier, known_from, known_to, *box[1:7], *box.prices


def _held_rows(catalogues: Catalogues) -> Iterator[tuple]:
    for name, models in catalogues.items():
        for (provider, model), known in models.items():
            for at, jump in known.held:
                yield name, provider, model, jump.service_tier, jump.meter, at, jump.price, jump.known_price


def _confirmations(places: Places) -> Callable[[str, str, str], frozenset[tuple[str, Decimal]]]:
    """(catalogue, provider, model) -> the meters and prices that config/price_confirmations.csv lets stand."""
    told = config.rows(places, "price_confirmations")

    def confirmed(catalogue: str, provider: str, model: str) -> frozenset[tuple[str, Decimal]]:
        return frozenset(
            (meter, Decimal(row["price"]))
            for row in told
            for meter in ([row["meter"]] if row["meter"] else METERS)
            if (row["catalogue"], row["model"]) == (catalogue, model) and row["provider"] in ("", provider)
        )

    return confirmed


def _matches(
    places: Places, snapshot: DataSnapshot, matcher: ModelMatcher, mapped: dict[str, MappedModel]
) -> Iterator[tuple]:
    """A row for each provider and model that has landed, that config refers to, or that the library names.

    A provider has the name that staging gives it. Where none is logged, the one whom the model's name tells has a row.
    """
    pairs = {(priced.price_provider, priced.price_model) for priced in priced_models(snapshot)}
    pairs |= {(row["to_provider"], row["to_model"]) for row in config.rows(places, "model_aliases")}
    pairs |= {(row["reference_provider"], row["reference_model"]) for row in config.rows(places, "self_hosted_models")}
    for file in sorted((places.raw / "manifest").glob("*.parquet")):
        if "models" in pq.read_schema(file).names:
            for models in pq.read_table(file, columns=["models"])["models"].to_pylist():
                pairs |= {(pair["provider"] or "", pair["model"] or "") for pair in models or ()}
    staged = provider_names()
    pairs = {(staged.get(name, name), model) for provider, model in pairs for name in [provider.strip().lower()]}
    paid = {model: matcher.paid(model) for provider, model in pairs if not provider}
    for pair in pairs | {(provider, model) for model, provider in paid.items() if provider}:
        found = matcher.match(*pair)
        unmetered = mapped[found.litellm_model].unmetered if found.litellm_model else ()
        yield *pair, *found, ", ".join(unmetered) or None, None if pair[0] else paid[pair[1]]


# --- files


def _write(places: Places, name: str, schema: pa.Schema, found: Iterable[tuple]) -> None:
    """Put the rows, in the order of their first columns, at raw/<name>.parquet."""
    key = 11 if name == "price_book" else 6
    ordered = sorted(found, key=lambda row: tuple((value is not None, value) for value in row[:key]))
    columns = list(zip(*ordered, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)]
    _write_if_changed(places.raw / f"{name}.parquet", _parquet(pa.table(arrays, schema=schema)))


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _content_hash(table: pa.Table) -> str:
    """SHA-256 of the rows as text: it stays the same when only the Parquet writer changes."""
    digest = hashlib.sha256(",".join(table.column_names).encode())
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        digest.update(("\n" + "\t".join("" if value is None else str(value) for value in row)).encode())
    return digest.hexdigest()


def _write_if_changed(path: Path, content: bytes) -> None:
    """Puts `content` at `path` in one step, unless it is there already."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
