"""The price book on two time axes: what each catalogue says, when we learnt it, and what is held back."""

from __future__ import annotations

import itertools
import json
import shutil
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice
from hypothesis import given
from hypothesis import strategies as st
from test_price_book import model_of, snapshot_of

from orchestration.ingest import ingest_source, price_book, prices, privacy
from orchestration.ingest import manifest as manifests
from orchestration.ingest.litellm_map import Entry, price_boxes
from orchestration.ingest.price_book import METERS
from orchestration.ingest.price_history import ALWAYS, FOREVER, Box, Version, accepted, dated, rows
from orchestration.places import Places

D = Decimal
DATED_MAPS = {"v1.63.0": "2025-03-01", "v1.76.3": "2025-09-07", "v1.83.0": "2026-03-29"}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return places_at(tmp_path, datetime(2026, 11, 1, 6))


def places_at(root: Path, now: datetime) -> Places:
    return Places(root / "landing", root / "config", root / "ledger", root / "home", now)


def land_map(places: Places, name: str, models: dict[str, dict[str, Any]]) -> None:
    file = places.landing / "litellm_prices" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(models))


def book(places: Places, where: str = "true", columns: str = "*") -> list[tuple]:
    return duckdb.sql(f"select {columns} from '{places.raw}/price_book.parquet' where {where} order by all").fetchall()


def held(places: Places) -> list[tuple]:
    return duckdb.sql(
        f"select catalogue, price_model, meter, price, known_price from '{places.raw}/held_prices.parquet' order by all"
    ).fetchall()


def model(price: float, provider: str = "acme", **more: object) -> dict[str, Any]:
    return {"litellm_provider": provider, "mode": "chat", "input_cost_per_token": price} | more


def take_in(places: Places, snapshot: Any = None) -> None:
    ingest_source(places, "litellm_prices")
    prices.write_prices(places, snapshot or snapshot_of(model_of(ModelPrice(input_mtok=D(2)))))


# --- a LiteLLM map's entry


def told(mode: str = "chat", **costs: float) -> tuple[dict[tuple[str, int], dict[str, D]], tuple[str, ...]]:
    """{(tier, input tokens over): {meter: price}} of an entry, and what has no meter."""
    more = {name: costs.pop(name) for name in ("tiers", "off_peak", "search") if name in costs}
    boxes, unmetered = price_boxes(Entry(mode, {name: D(str(price)) for name, price in costs.items()}, **more))
    found = {
        (box.service_tier, box.over): {m: p for m, p in zip(METERS, box.prices, strict=True) if p is not None}
        for box in boxes
    }
    return found, unmetered


def test_a_class_without_a_price_in_the_map_costs_what_its_parent_costs() -> None:
    found, _ = told(input_cost_per_token=3e-6, output_cost_per_token=15e-6, cache_creation_input_token_cost=4e-6)
    prices_told = found["standard", -1]
    assert prices_told["cache_read"] == prices_told["audio_input"] == D("0.000003")
    assert prices_told["cache_write_5m"] == prices_told["cache_write_1h"] == D("0.000004")
    assert prices_told["reasoning"] == D("0.000015")
    assert not {"images", "seconds", "characters", "web_searches"} & prices_told.keys()


def test_a_larger_request_and_a_tier_of_service_have_their_own_prices_or_those_that_they_stand_beside() -> None:
    found, _ = told(
        input_cost_per_token=2e-6,
        output_cost_per_token=8e-6,
        input_cost_per_token_above_200k_tokens=4e-6,
        input_cost_per_token_batches=1e-6,
        input_cost_per_token_above_200k_tokens_priority=8e-6,
        input_cost_per_token_priority_above_272k_tokens=9e-6,
    )
    assert sorted(found) == [
        (tier, over) for tier in ("batch", "priority", "standard") for over in (-1, 200_000, 272_000)
    ]
    inputs = {key: row["input_uncached"] * 1_000_000 for key, row in found.items()}
    assert [inputs["standard", over] for over in (-1, 200_000, 272_000)] == [2, 4, 4]
    assert [inputs["batch", over] for over in (-1, 200_000, 272_000)] == [1, 1, 1]
    assert [inputs["priority", over] for over in (-1, 200_000, 272_000)] == [2, 8, 9]
    assert {row["output"] for row in found.values()} == {D("0.000008")}


def test_a_table_of_ranges_prices_the_whole_request_by_its_range() -> None:
    ranges = [
        {"range": [0, 256_000.0], "input_cost_per_token": 5e-8, "output_cost_per_token": 4e-7},
        {"range": [256_000.0, 1_000_000.0], "input_cost_per_token": 2.5e-7, "output_cost_per_token": 2e-6},
    ]
    found, unmetered = told(tiers=json.dumps(ranges))
    assert {key: row["input_uncached"] for key, row in found.items()} == {
        ("standard", -1): D("0.00000005"),
        ("standard", 256_000): D("0.00000025"),
    }
    assert unmetered == ()
    # Ranges of something else than tokens, and what is no JSON at all, are named instead.
    for other in (json.dumps([{"max_results_range": [0, 25], "input_cost_per_query": 5e-3}]), "no JSON"):
        assert told(tiers=other) == ({}, ("tiered_pricing",))


def test_other_meters_hold_where_the_model_has_no_price_per_token() -> None:
    assert told("audio_transcription", input_cost_per_second=1e-4, output_cost_per_second=1e-4) == (
        {("standard", -1): {"seconds": D("0.0001")}},
        (),
    )
    assert told("image_generation", output_cost_per_image=0.04)[0] == {("standard", -1): {"images": D("0.04")}}
    assert told("audio_speech", input_cost_per_character=15e-6)[0] == {("standard", -1): {"characters": D("0.000015")}}
    assert told("rerank", input_cost_per_query=0.002)[0] == {("standard", -1): {"requests": D("0.002")}}
    search = {"search_context_size_low": D("0.03"), "search_context_size_medium": D("0.035")}
    assert told(search=search, input_cost_per_token=1e-6)[0]["standard", -1]["web_searches"] == D("0.035")


def test_what_no_meter_counts_is_named() -> None:
    found, unmetered = told(
        "image_generation",
        input_cost_per_token=5e-6,
        output_cost_per_image=0.04,
        input_cost_per_pixel=2e-8,
        off_peak="{}",
    )
    assert "images" not in found["standard", -1]  # priced by the token, too: both would count twice
    assert unmetered == ("input_cost_per_pixel", "off_peak_pricing", "output_cost_per_image")
    assert told(input_cost_per_video_per_second=0.002, output_cost_per_pixel=0) == (
        {},
        ("input_cost_per_video_per_second",),
    )


def test_zeros_alone_are_no_price() -> None:
    assert told(input_cost_per_token=0, output_cost_per_token=0) == ({}, ())
    assert told(input_cost_per_token=1e-7, output_cost_per_token=0)[0]["standard", -1]["output"] == 0


def test_every_price_of_the_real_maps_has_a_meter_or_is_named(real_data: Path) -> None:
    metered, named = set(), set()
    for version in DATED_MAPS:
        entries = json.loads(
            (real_data / "litellm_prices" / f"model_prices_{version}.json").read_text(), parse_float=D, parse_int=D
        )
        for entry in entries.values():
            costs = {name: p for name, p in entry.items() if "_cost" in name and isinstance(p, D) and p}
            boxes, unmetered = price_boxes(Entry(entry.get("mode"), costs))
            assert set(unmetered) <= costs.keys()
            assert boxes or set(unmetered) == costs.keys()
            named |= set(unmetered)
            metered |= costs.keys() - set(unmetered)
    assert {name for name in metered - named if "_token" not in name} <= {
        "input_cost_per_request",
        "input_cost_per_query",
    }
    assert {"input_cost_per_pixel", "ocr_cost_per_page", "cache_creation_input_audio_token_cost"} <= named


# --- known time


def box(price: D | int | None, tier: str = "standard", **bounds: object) -> Box:
    made = Box(tier, date(1970, 1, 1), date(9999, 12, 31), 0, 86_400, -1, 10**18, (price, *[None] * (len(METERS) - 1)))
    return made._replace(**bounds)


def at(day: int) -> datetime:
    return datetime(2026, 1, day)


def test_a_catalogue_without_dates_charges_a_price_from_the_day_on_which_it_is_known() -> None:
    first, second, third = dated(
        [Version(at(5), (box(D(1)),)), Version(at(9), (box(D(2)),)), Version(at(9), (box(D(3)),))]
    )
    assert [b.prices[0] for b in first.boxes] == [1]
    assert [(b.valid_from, b.prices[0]) for b in second.boxes] == [(date(1970, 1, 1), 1), (date(2026, 1, 9), 2)]
    assert [(b.valid_from, b.prices[0]) for b in third.boxes] == [(date(1970, 1, 1), 1), (date(2026, 1, 9), 3)]


def test_a_tier_that_a_later_version_names_or_drops_has_the_standard_price_without_it() -> None:
    standard, batch = box(D(4)), box(D(2), "batch")
    *_, third = dated([Version(at(5), (standard,)), Version(at(9), (standard, batch)), Version(at(20), (box(D(6)),))])
    told = sorted((b.valid_from.day, b.prices[0]) for b in third.boxes if b.service_tier == "batch")
    assert told == [(1, 4), (9, 2), (20, 6)]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 28),
            st.lists(st.tuples(st.sampled_from(["standard", "batch"]), st.sampled_from([5, 7, None])), min_size=1),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_model_has_one_price_at_every_moment_of_knowledge_day_second_and_size(history: list) -> None:
    versions = []
    for day, told_tiers in sorted(history, key=lambda one: one[0]):
        boxes = []
        for tier, edge in dict([("standard", None), *told_tiers]).items():
            cuts = [-1, *([edge] if edge else []), 10**18]
            boxes += [box(D(len(boxes) + 1), tier, over=a, up_to=b) for a, b in itertools.pairwise(cuts)]
        versions.append(Version(at(day), tuple(boxes)))
    made = list(rows(dated(versions)))
    tiers = {b.service_tier for version in versions for b in version.boxes}
    for moment in [ALWAYS, FOREVER - timedelta(1), *(at(day) for day, _ in history)]:
        for day in (date(1970, 1, 1), date(2026, 1, 1), date(2026, 1, 20), date(9999, 12, 30)):
            for size in (0, 5, 6, 7, 8, 10**9):
                for tier in tiers:
                    found = [
                        b
                        for known_from, known_to, b in made
                        if known_from <= moment < known_to
                        and b.service_tier == tier
                        and b.valid_from <= day < b.valid_to
                        and b.over < size <= b.up_to
                    ]
                    assert len(found) == 1, (moment, day, size, tier)
    # Every version is cut alike, so that usage summed by the cells of one can be priced by any other.
    cells = {
        known_from: {(b.service_tier, b.over, b.up_to) for f, _, b in made if f == known_from}
        for known_from, *_ in made
    }
    assert len({frozenset(cut) for known_from, cut in cells.items() if known_from != ALWAYS}) <= 1


# --- prices that jump


def ups_and_downs(*told_prices: D | None, rival: D | None = None, confirmed: frozenset = frozenset()) -> list:
    """The input prices that stand, of versions known day by day."""
    versions = [Version(at(n + 1), (box(price),)) for n, price in enumerate(told_prices)]
    rivals = [Version(ALWAYS, (box(rival),))] if rival else []
    known = accepted(versions, rivals, confirmed)
    return [version.boxes[0].prices[0] for version in known.versions]


def test_a_hundredfold_jump_is_held_back_until_it_is_confirmed() -> None:
    assert ups_and_downs(D(1), D(99)) == [1, 99]
    assert ups_and_downs(D(1), D(100)) == [1]
    assert ups_and_downs(D(100), D(1)) == [100]
    assert ups_and_downs(D(1), D(100), D(2)) == [1, 2]
    assert ups_and_downs(D(4), None, D(400), None, D(5)) == [4, None, None, 5]
    assert ups_and_downs(D(1), D(100), D(101), confirmed=frozenset({("input_uncached", D(100))})) == [1, 100, 101]
    assert ups_and_downs(D(1), D(100), confirmed=frozenset({("output", D(100))})) == [1]


def test_a_price_that_is_new_is_compared_with_the_other_catalogue() -> None:
    assert ups_and_downs(D(500), rival=D(5)) == []
    assert ups_and_downs(D(499), rival=D(5)) == [499]
    assert ups_and_downs(D(6), D(500), rival=D(5)) == [6, 500]  # its own past is what counts, where it has one


def test_a_price_that_falls_to_zero_is_held_back_and_one_that_begins_there_is_not() -> None:
    assert ups_and_downs(D(1), D(0)) == [1]
    assert ups_and_downs(D(0), D(1)) == [0, 1]
    assert ups_and_downs(D(0), rival=D(1)) == [0]


def test_a_price_that_cannot_be_is_held_back_whatever_was_known() -> None:
    assert ups_and_downs(D(-1), D(1_000), D(1)) == [1]


# --- maps that land


def test_a_map_is_known_from_its_path_or_else_from_its_first_sighting(places: Places) -> None:
    paths = {
        "litellm_prices/exported_at=2026-03-01T0630/map.json": datetime(2026, 3, 1, 6, 30),
        "litellm_prices/model_prices_2026-03-02.json": datetime(2026, 3, 2),
        "litellm_prices/20260303/map.json": datetime(2026, 3, 3),
        "litellm_prices/model_prices_v1.83.0.json": datetime(2026, 11, 1),
        "litellm_prices/2026-13-45.json": datetime(2026, 11, 1),
    }
    entry = manifests.Entry(
        "litellm_prices", "h", [], "json", 1, "", "accepted", None, 1, 1, 0, [], datetime(2026, 11, 1),
        datetime(2026, 11, 1), None, None, [], [], [], None, None, None,
    )  # fmt: skip
    for path, known in paths.items():
        entry.paths = [path]
        assert prices.known_at(entry) == known, path
    entry.paths = list(paths)
    assert prices.known_at(entry) == datetime(2026, 3, 1, 6, 30)


def test_maps_fill_the_book_on_both_axes_and_a_key_that_vanishes_keeps_its_price(places: Places) -> None:
    land_map(places, "map_2026-03-01.json", {"a": model(1e-6), "b": model(5e-6)})
    land_map(places, "map_2026-05-01.json", {"a": model(2e-6)})
    land_map(places, "map_2026-07-01.json", {"a": model(2e-6), "c": model(3e-6)})
    take_in(places)
    found = book(
        places,
        "catalogue = 'litellm' and input_uncached_price is not null",
        "price_model, known_from::date, known_to::date, valid_from, valid_to, (input_uncached_price * 1e6)::int",
    )
    always, march, may, july, forever = (
        date(1970, 1, 1), date(2026, 3, 1), date(2026, 5, 1), date(2026, 7, 1), date(9999, 12, 31)
    )  # fmt: skip
    assert found == [
        ("a", march, may, always, forever, 1),
        ("a", may, forever, always, may, 1),
        ("a", may, forever, may, forever, 2),
        ("b", march, forever, always, forever, 5),
        ("c", july, forever, always, forever, 3),
    ]
    before = book(
        places, "catalogue = 'litellm' and known_from = timestamp '1970-01-01'", "price_model, known_to::date"
    )
    assert before == [("a", march), ("b", march), ("c", july)]


def test_an_alias_in_a_map_has_the_price_of_what_it_means(places: Places) -> None:
    land_map(places, "2026-03-01.json", {"a-1": model(1e-6), "a-2": model(2e-6), "a": {"alias_of": "a-1"}})
    land_map(places, "2026-05-01.json", {"a-1": model(1e-6), "a-2": model(2e-6), "a": {"alias_of": "a-2"}})
    take_in(places)
    found = book(
        places, "price_model = 'a' and valid_to > '9999-01-01'", "price_provider, (input_uncached_price * 1e6)::int"
    )
    assert found == [("acme", 1), ("acme", 2), ("acme", None)]


def test_a_bad_price_is_quarantined_alone_and_says_so(places: Places) -> None:
    bad = {"negative": model(-1e-6), "text": model("much"), "nothing": None, "good": model(1e-6)}
    land_map(
        places, "2026-03-01.json", {"sample_spec": model(0), **bad, "other": {"mode": "chat", "litellm_provider": "x"}}
    )
    report = ingest_source(places, "litellm_prices")
    assert (report.rows_landed, report.rows_accepted, report.rows_quarantined) == (6, 3, 3)
    (file,) = (places.quarantine / "litellm_prices").glob("*.jsonl")
    reasons = [json.loads(line)["reason"] for line in file.read_text().splitlines()]
    assert reasons[:2] == ["input_costs is not a set of prices of which none is negative."] * 2
    prices.write_prices(places)
    assert book(places, "catalogue = 'litellm'", "distinct price_model") == [("good",)]


def test_a_map_whose_prices_jump_waits_for_its_confirmation(places: Places) -> None:
    land_map(places, "map_2026-03-01.json", {"a": model(1e-6, output_cost_per_token=2e-6), "b": model(1e-6)})
    land_map(places, "map_2026-05-01.json", {"a": model(1e-4, output_cost_per_token=3e-6), "b": model(2e-6)})
    take_in(places)
    assert {(row[1], row[2]) for row in held(places)} >= {("a", "input_uncached"), ("a", "cache_read")}
    assert {row[1] for row in held(places)} == {"a"}
    newest = "catalogue = 'litellm' and known_to > '9999-01-01' and valid_to > '9999-01-01'"
    columns = "price_model, (input_uncached_price * 1e6)::int, (output_price * 1e6)::int"
    assert book(places, newest, columns) == [("a", 1, 2), ("b", 2, None)]

    places.config.mkdir()
    confirmation = "catalogue,provider,model,meter,price,owner,approved_by,reason\nlitellm,,a,,0.0001,me,me,it is so\n"
    (places.config / "price_confirmations.csv").write_text(confirmation)
    take_in(places)
    assert held(places) == []
    assert book(places, newest, columns) == [("a", 100, 3), ("b", 2, None)]


def test_a_second_opinion_that_is_a_hundred_times_the_first_is_held_back(places: Places) -> None:
    land_map(places, "2026-03-01.json", {"m": model(2e-4)})
    take_in(places)
    assert ("litellm", "m", "input_uncached", D("0.0002"), D("0.000002")) in held(places)
    assert book(places, "catalogue = 'litellm'") == []


def test_no_model_of_a_real_map_is_taken_for_a_key(real_data: Path) -> None:
    names = {name for file in (real_data / "litellm_prices").glob("*.json") for name in json.loads(file.read_text())}
    assert len(names) > 2_500
    assert [name for name in names if privacy.looks_private(name)] == []


def loaded(real_data: Path, base: Path, runs: list[list[str]]) -> list[bytes]:
    """What is written of prices once these maps have landed, in runs of one day each."""
    for number, versions in enumerate(runs):
        places = places_at(base, datetime(2026, 11, 1 + number))
        for version in versions:
            place = places.landing / "litellm_prices" / f"model_prices_{DATED_MAPS[version]}.json"
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(real_data / "litellm_prices" / f"model_prices_{version}.json", place)
        take_in(places)
    return [(places.raw / f"{name}.parquet").read_bytes() for name in ("price_book", "held_prices", "model_matches")]


def test_three_real_maps_give_the_same_book_in_any_order_and_in_one_run_or_three(
    real_data: Path, tmp_path: Path
) -> None:
    expected = loaded(real_data, tmp_path / "at once", [list(DATED_MAPS)])
    for order in (("v1.83.0", "v1.63.0", "v1.76.3"), ("v1.76.3", "v1.83.0", "v1.63.0")):
        assert loaded(real_data, tmp_path / order[0], [[version] for version in order]) == expected
    known = book(
        places_at(tmp_path / "at once", datetime(2026, 11, 1)), "catalogue = 'litellm'", "distinct known_from::date"
    )
    assert known == [(date(1970, 1, 1),), *((date.fromisoformat(day),) for day in DATED_MAPS.values())]


# --- the library's books in the ledger


def observations(places: Places) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((places.ledger / "price_observations").iterdir())}


def test_a_book_is_observed_once_and_an_observation_is_never_rewritten(tmp_path: Path) -> None:
    dear, cheap = (snapshot_of(model_of(ModelPrice(input_mtok=D(price)))) for price in (2, 1))
    first, *later = (places_at(tmp_path, datetime(2026, 11, day, 6)) for day in (1, 2, 3, 4))

    prices.write_prices(first, dear)
    (name,) = before = observations(first)
    assert name.startswith("20261101T060000Z-") and len(name) == len("20261101T060000Z-.parquet") + 16
    prices.write_prices(later[0], dear)
    assert observations(first) == before

    prices.write_prices(later[1], cheap)
    prices.write_prices(later[2], dear)
    after = observations(first)
    assert [file[:16] for file in after] == ["20261101T060000Z", "20261103T060000Z", "20261104T060000Z"]
    assert after[name] == before[name]
    # What was known always, what from each observation on.
    columns = "known_from, known_to, (input_uncached_price * 1e6)::int"
    assert book(first, columns=columns) == [
        (ALWAYS, datetime(2026, 11, 3, 6), 2),
        (datetime(2026, 11, 3, 6), datetime(2026, 11, 4, 6), 1),
        (datetime(2026, 11, 4, 6), FOREVER, 2),
    ]


def test_a_model_that_a_later_library_does_not_name_keeps_its_price(tmp_path: Path) -> None:
    first, second = (places_at(tmp_path, datetime(2026, 11, day)) for day in (1, 2))
    prices.write_prices(first, snapshot_of(model_of(ModelPrice(input_mtok=D(2)))))
    prices.write_prices(second, snapshot_of())
    assert book(second, columns="price_model, known_to") == [("m", FOREVER)]


def test_what_the_library_says_now_is_what_the_book_knows_now(places: Places) -> None:
    """But that all tiers of a model are cut alike, and that a request is free where nothing is said of requests."""
    prices.write_prices(places)
    names = ("price_provider", "price_model", "service_tier", "valid_from", "valid_to")
    same = [f"library.{name} = cut.{name}" for name in names]
    same += [f"library.{m}_price is not distinct from cut.{m}_price" for m in METERS if m != "requests"]
    with duckdb.connect() as con:
        con.register("library", price_book.price_rows())
        wrong, cuts, told_rows = con.execute(f"""
            select count(*) filter (not exists (
                from library
                where {" and ".join(same)}
                    and cut.from_second >= library.from_second and cut.to_second <= library.to_second
                    and cut.input_tokens_over >= library.input_tokens_over
                    and cut.input_tokens_up_to <= library.input_tokens_up_to
            )), count(*), (select count(*) from library)
            from '{places.raw}/price_book.parquet' as cut
        """).fetchone()
    assert (wrong, cuts >= told_rows) == (0, True)


def test_a_lost_home_is_written_again_alike_without_a_new_observation(places: Places) -> None:
    prices.write_prices(places)
    made, ledger = (places.raw / "price_book.parquet").read_bytes(), observations(places)
    (places.raw / "price_book.parquet").unlink()
    prices.write_prices(places)
    assert (places.raw / "price_book.parquet").read_bytes() == made
    assert observations(places) == ledger
    assert not list(places.home.rglob("*.tmp")) and not list(places.ledger.rglob("*.tmp"))


# --- which price a logged model has


def matches(places: Places) -> dict[tuple[str, str], tuple]:
    table = pq.read_table(places.raw / "model_matches.parquet")
    assert table.schema.equals(prices.MODEL_MATCHES_SCHEMA)
    made = [tuple(row.values()) for row in table.to_pylist()]
    found = {row[:2]: row[2:] for row in made}
    assert len(found) == len(made)
    return found


def test_matches_hold_what_landed_what_an_alias_means_and_every_model_of_the_library(places: Places) -> None:
    landed = pa.list_(pa.struct([("provider", pa.string()), ("model", pa.string())]))
    pairs = [{"provider": "gcp.vertex_ai", "model": "gemini-2.5-pro"}, {"provider": None, "model": "gpt-4o"}]
    pairs += [{"provider": "OpenAI", "model": None}, {"provider": "", "model": "vertex_ai/gemini-2.5-flash"}]
    manifest = places.raw / "manifest"
    manifest.mkdir(parents=True)
    pq.write_table(pa.table({"models": pa.array([pairs, [], None], landed)}), manifest / "litellm.parquet")
    pq.write_table(pa.table({"file_hash": ["ab"]}), manifest / "revenue.parquet")
    places.config.mkdir()
    header = "provider,name,to_provider,to_model,valid_from,valid_to,owner,approved_by,reason\n"
    (places.config / "model_aliases.csv").write_text(header + "azure,chat,Azure,gpt-4o-2024-08-06,,,me,me,deployment\n")

    prices.write_prices(places)
    found = matches(places)
    # By the name that staging gives the provider.
    assert found["vertex_ai", "gemini-2.5-pro"][:2] == ("google", "gemini-2.5-pro")
    # Of whom the name tells, it has the match that it has if they are logged.
    assert found["", "gpt-4o"] == ("openai", "gpt-4o", None, None, "openai")
    assert found["", "vertex_ai/gemini-2.5-flash"][-1] == "vertex_ai"
    assert found["vertex_ai", "vertex_ai/gemini-2.5-flash"] == ("google", "gemini-2.5-flash", None, None, None)
    assert found["azure", "gpt-4o-2024-08-06"][:2] == ("azure", "gpt-4o")
    assert found["openai", ""] == (None, None, None, None, None)
    assert {(p.price_provider, p.price_model) for p in price_book.priced_models(get_snapshot())} <= set(found)
    assert [pair for pair, price in found.items() if price[0] is None] == [("openai", "")]


def test_a_match_names_the_key_of_the_newest_map_and_what_no_meter_counts(places: Places) -> None:
    land_map(places, "2026-03-01.json", {"acme/m": model(2e-6, input_cost_per_pixel=1e-8, output_cost_per_pixel=0)})
    take_in(places)
    assert matches(places)["acme", "m"] == ("acme", "m", "acme/m", "input_cost_per_pixel", None)
