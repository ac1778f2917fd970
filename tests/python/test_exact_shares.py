"""Law 1, on the macros that divide money: parts add up to the whole, whatever the amounts and the weights."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.places import ROOT


@pytest.fixture(scope="module")
def money():
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals["return"] = lambda value: value
    return environment.from_string((ROOT / "macros" / "money.sql").read_text()).module


@pytest.fixture(scope="module")
def divide(money):
    """The SQL that the models use, over a table `amounts (charge, tie, amount, weight)`."""
    sql = f"""
        with rounded as (
            select *, {money.rounded_share("amount", "weight", "charge")} as part,
                {money.largest_first("weight", "charge", "tie")} as part_rank
            from amounts
        )
        select charge, amount, weight, {money.exact_part("amount", "part", "charge", "part_rank")} as part from rounded
    """
    connection = duckdb.connect()
    connection.execute("create table amounts (charge int, tie int, amount decimal(38, 18), weight decimal(38, 18))")

    def run(rows: list[tuple]) -> list[tuple]:
        connection.execute("delete from amounts")
        connection.executemany("insert into amounts values (?, ?, ?, ?)", rows)
        return connection.execute(sql).fetchall()

    return run


AMOUNTS = st.decimals(
    min_value=Decimal("-99999999999999999999"), max_value=Decimal("99999999999999999999"), places=18, allow_nan=False
)
WEIGHTS = st.decimals(min_value=Decimal("0.000000001"), max_value=Decimal("1000000000"), places=9, allow_nan=False)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.none() | AMOUNTS, st.lists(WEIGHTS, min_size=1, max_size=7)), min_size=1, max_size=4))
def test_the_parts_of_every_amount_add_up_to_it_exactly(divide, charges):
    rows = [
        (charge, tie, amount, weight)
        for charge, (amount, weights) in enumerate(charges)
        for tie, weight in enumerate(weights)
    ]
    parts: dict[int, list] = {}
    for charge, _, _, part in divide(rows):
        parts.setdefault(charge, []).append(part)
    for charge, (amount, weights) in enumerate(charges):
        assert len(parts[charge]) == len(weights)
        if amount is None:
            assert set(parts[charge]) == {None}
        else:
            with localcontext(prec=60):  # an amount may have 38 digits, and Python adds up in 28
                assert sum(parts[charge]) == amount


def test_each_part_is_its_share_and_what_rounding_left_over_goes_to_the_largest(divide):
    thirds = [(1, tie, Decimal(10), Decimal(1)) for tie in range(3)] + [(2, 0, Decimal(-1), Decimal(9))]
    parts = [part for charge, _, _, part in sorted(divide(thirds)) if charge == 1]
    assert all(abs(part - Decimal(10) / 3) < Decimal("1e-9") for part in parts)
    assert sum(parts) == 10
    largest = divide([(1, 0, Decimal("0.1"), Decimal(1)), (1, 1, Decimal("0.1"), Decimal(6))])
    assert sum(part for *_, part in largest) == Decimal("0.1")
    assert abs(min(part for *_, part in largest) - Decimal("0.1") / 7) < Decimal("1e-15")


@settings(max_examples=150, deadline=None)
@given(
    st.decimals(min_value=-(10**17) + 1, max_value=10**17 - 1, places=18, allow_nan=False),
    st.decimals(min_value=Decimal("0.000000000001"), max_value=10, places=12, allow_nan=False),
)
def test_an_amount_is_converted_exactly_and_rounded_half_up_once(money, amount, rate):
    asked = money.in_usd("amount", "currency", "rate")
    types = "select ?::decimal(38, 18) as amount, ?::varchar as currency, ?::decimal(18, 12) as rate"
    ((own, other, back, none),) = duckdb.execute(
        f"select (select {asked} from ({types})), (select {asked} from ({types})), (select {asked} from ({types})),"
        f" (select {asked} from ({types}))",
        [amount, "USD", rate, amount, "EUR", rate, amount.copy_negate(), "EUR", rate, amount, "JPY", None],
    ).fetchall()
    with localcontext(prec=80):
        assert other == (amount * rate).quantize(Decimal("1e-18"), ROUND_HALF_UP)
    assert (own, back, none) == (amount, other.copy_negate(), None)
