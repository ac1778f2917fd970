"""The row checks: one SQL select a source that types every value and gives each row at most one problem.

A problem is a number: the column's place in source.columns × 10 + the kind of problem; or FAULT where the row itself
could not be read. It becomes words only for the rows that have one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from orchestration.ingest.lookup import literal, quoted
from orchestration.ingest.read import NO_RECORD, Relation, carrier_text, first_of, looked_up_in, place_in
from orchestration.ingest.spec import Column, Source, places
from orchestration.ingest.values import PARSERS

EARLIEST = datetime(2015, 1, 1)
# Above it, it is no such number but another column's, and a thousand of them still add up.
MOST = {"tokens": 10**9, "count": 10**9, "sum": 10**15}
FAULT = -1
EMPTY = -2  # no row, but a period that holds none
UNREADABLE, ABSENT, NEGATIVE, TOO_MANY, TOO_EARLY, TOO_LATE, NOT_ALLOWED, TOLD, BROKEN = range(1, 10)
COUNTS = ("tokens", "count", "sum", "seconds")
MAPS = ("tags", "tag_list")
MONEY = {"money": "exact_money", "float_money": "rounded_money"}  # what reads a plain number
TEXT_PATH = re.compile(r"[^\[]+\[(.+)\]")  # text[path]
SUM_PATH = re.compile(r".+\[(\w+)=([^\]]+)\]\.(.+)")  # list[key=a,b].count
UNTOLD = (*MAPS, "amounts", "prices")  # what is found wrong in them is not repeated: it may be anything


def latest(source: Source, now: datetime) -> datetime:
    """The last time at which an event may have happened."""
    return now + timedelta(days=source.latest_days)


def raws(source: Source, found: Relation, landed: str) -> str:
    """A select over `landed`, one of the relation's sqls: `r_…` for each of source.columns, blanks being null; `b_…`
    for each carrier: it is there, but no JSON; and `_fault`.

    What may lie in a column of its own or inside a carrier is a text until one of them is chosen.
    """
    own, chosen, parsed, inside = [], [], [], []
    for column in source.landed:
        value = quoted(column.name)
        if column.inside is not None:
            own.append(f"blank({value}::varchar) as {quoted('o_' + column.name)}")
        elif column.only_where:
            other, wanted = column.only_where
            is_one = f"upper({quoted(other)}::varchar) = {literal(wanted.upper())}"
            own.append(f"case when {is_one} then no_json(blank({value}::varchar)) end as {_raw(column)}")
            inside.append(_raw(column))
        elif column.kind != "carrier":
            own.append(f"{f'blank({value})' if found.types[column.name] == 'VARCHAR' else value} as {_raw(column)}")
            inside.append(_raw(column))
    for one in source.carriers:
        looked_up, at = looked_up_in(source, one.name), {}
        carried = [carrier_text(one.name, number) for number in range(found.carried[one.name])]
        there = " or ".join([f"{text}.there" for text in carried] or ["false"])
        broken = " or ".join([f"({text}.there and {text}.inside is null)" for text in carried] or ["false"])
        own += [f"{there} as {quoted('there_' + one.name)}", f"{broken} as {quoted('b_' + one.name)}"]
        inside.append(quoted("b_" + one.name))
        for number, place in enumerate(source.places_inside(one.name)):
            # A column each, so that what they are made of is written once.
            names = [quoted(f"at_{one.name}_{number}_{text}") for text in range(len(carried))]
            keys = place_in(source, one.name, place)
            own += [f"{looked_up.text(f'{t}.inside', keys)} as {name}" for t, name in zip(carried, names, strict=True)]
            texts = [f"blank({name})" for name in names]
            # Of several, JSON counts only where no other is there: it may be what no column keeps.
            one_of = first_of([*(f"no_json({text})" for text in texts if len(texts) > 1), *texts])
            at[place] = quoted(f"at_{one.name}_{number}")
            chosen.append(f", {one_of} as {at[place]}")
        for text, inner in _texts_of_json(source, one.name).items():
            # Parsed once for all that is looked up in it.
            json = quoted(f"j_{one.name}_{text}")
            paths = ", ".join(literal(f"$.{place}") for place in inner)
            parsed.append(f", try(json_extract_string({at[text]}, [{paths}])) as {json}")
            at |= {f"{text}[{place}]": f"{json}[{index}]" for index, place in enumerate(inner, 1)}
        for column in source.inside(one.name):
            texts = [_text_at(path, at) for path in column.inside[1]] if carried else []
            if column.kind == "text" and not column.json and not column.meanings:
                texts = [f"no_json({text})" for text in texts]
            if column.meanings and carried:
                pairs = zip(texts, column.meanings, strict=True)
                value = f"case {' '.join(f'when {text} is not null then {literal(m)}' for text, m in pairs)} end"
            else:
                value = first_of(texts)
            if column.kind in MAPS:
                value = f"case when {quoted('there_' + one.name)} then coalesce({value}, '{{}}') end"
            if column.landed:
                value = f"coalesce({quoted('o_' + column.name)}, {value})"
            inside.append(f"{value} as {_raw(column)}")
    own_texts = f"(select {', '.join(own)}, _fault from ({landed}))"
    texts = f"(select *{''.join(parsed)} from (select *{''.join(chosen)} from {own_texts}))"
    return f"select {', '.join(inside)}, _fault from {texts}"


def raw_columns(source: Source) -> list[str]:
    """The columns that `raws` makes of a relation of texts, as a table declares them."""
    texts = [f"{_raw(column)} varchar" for column in source.columns]
    return [*texts, *(f"{quoted('b_' + one.name)} boolean" for one in source.carriers), "_fault varchar"]


def raw_types(source: Source, types: Mapping[str, str]) -> dict[str, str]:
    """The types of the columns `r_…` that `raws` makes of source.columns."""
    return {column.name: types[column.name] if column.inside is None else "VARCHAR" for column in source.columns}


def checked(source: Source, types: Mapping[str, str], now: datetime, landed: str) -> str:
    """A select over the relation `landed` (what `raws` gives, its columns of `types`, then `_row` and `_file`).

    It gives `_file`, `_row`, `_problem`, `_value` (the text that is at fault; null for free text), and source.columns
    typed and masked.
    """
    amounts = [column for column in source.columns if column.kind in MONEY and types[column.name] == "VARCHAR"]
    typed = [
        f", {_typed(column, types[column.name], amounts)} as {quoted('t_' + column.name)}"
        for column in source.columns
        if column.kind not in ("text", *MAPS)
    ]
    maps = [_map_of(column, landed) for column in source.columns if column.kind in MAPS]
    texts = [column for column in source.columns if column.kind == "text" and not column.allowed]
    kept = [f"{_kept(column, texts)} as {quoted(column.name)}" for column in source.columns]
    return f"""
        select _file, _row, _problem, {_shown()} as _value, {", ".join(kept)}
        from (select *, {_found(source)} as _found, {_masked(texts)} as _masked
        from (select *, {_problem(source, now, amounts)} as _problem
        from (select *{"".join(typed)}
        from (select *, {_written(source, amounts)} from {landed} {" ".join(maps)}))))"""


def _written(source: Source, amounts: list[Column]) -> str:
    """`_written`: where one of a row's amounts is no plain number, what each is, and whether it names a currency that
    is not the row's. A list of them all, since a statement that names their patterns for each takes seconds to plan.
    """
    if not amounts:
        return "null as _written"
    currency = source.currency.removeprefix("=")
    currency = literal(currency) if source.currency.startswith("=") else f"upper(trim({quoted('r_' + currency)}))"
    any_is = " or ".join(f"({_raw(one)} is not null and try_cast({_raw(one)} as double) is null)" for one in amounts)
    return f"""
        case when {any_is} then list_transform([{", ".join(map(_raw, amounts))}], lambda t: struct_pack(
            amount := accounting_money(trim(t)),
            is_other := try_cast(t as double) is null and not is_money_in(t, {currency})
        )) end as _written"""


def _map_of(column: Column, landed: str) -> str:
    """Tags cost most to read and are the same in many rows: each text is read once, and joined to its rows."""
    text, keys, values = _raw(column), f"keys_of_object({_raw(column)})", f"values_of_object({_raw(column)})"
    if column.kind == "tag_list":
        keys, values = f"coalesce(keys_of_texts(_texts), {keys})", f"coalesce(values_of_texts(_texts), {values})"
    return f"""
        left join (select {text}, pair_map(mask_list(_keys), mask_list(_values)) as {_final(column)}
            from (select {text}, {keys} as _keys, {values} as _values
            from (select {text}, texts_of({text}) as _texts
            from (select distinct {text} from {landed})))) using ({text})"""


def _texts_of_json(source: Source, carrier: str) -> dict[str, list[str]]:
    """Place of a text in the carrier -> what is looked up in the JSON that it holds, each place once."""
    held: dict[str, list[str]] = {}
    for column in source.inside(carrier):
        for term in (term for path in column.inside[1] for term in path.split(" + ")):
            if match := TEXT_PATH.fullmatch(term):
                (text,), inner = places(term), places(match[1])
                held[text] = list(dict.fromkeys(held.get(text, []) + inner))
    return held


def _text_at(path: str, at: Mapping[str, str]) -> str:
    """The text that a path of `Column.inside` means, from what is `at` its places."""
    terms = []
    for term in path.split(" + "):
        (place,) = places(term)
        text = at[place]
        if match := TEXT_PATH.fullmatch(term):
            (inner,) = places(match[1])
            text = _text_at(match[1], {inner: at[f"{place}[{inner}]"]})
            text = text if "[" in match[1] else f"tag_value({text})"
        elif match := SUM_PATH.fullmatch(term):
            key, wanted, count = match.groups()
            values = ", ".join(map(literal, wanted.split(",")))
            text = f"sum_in({text}, {literal('$.' + key)}, [{values}], {literal('$.' + count)})"
        terms.append(text)
    return terms[0] if len(terms) == 1 else f"({' + '.join(f'whole_number({term})' for term in terms)})::varchar"


def _typed(column: Column, type_: str, amounts: list[Column]) -> str:
    raw = _raw(column)
    if column in amounts:
        return f"coalesce({MONEY[column.kind]}(trim({raw})), _written[{amounts.index(column) + 1}].amount)"
    if type_ == "VARCHAR":
        return f"{PARSERS[column.kind]}({raw})"
    if type_ == "TIMESTAMP WITH TIME ZONE":
        value = f"make_timestamp(epoch_us(finite_time({raw})))"
    elif column.kind in ("time", "date", "month", "start"):
        value = f"finite_time(try_cast({raw} as timestamp))"
    else:
        return f"{raw}::{column.type}"
    if column.kind == "month":
        value = f"date_trunc('month', {value})"
    return f"{value}::{column.type}"


def _raw(column: Column) -> str:
    return quoted("r_" + column.name)


def _final(column: Column) -> str:
    if column.allowed:
        return f"lower(trim({_raw(column)}))"
    return _raw(column) if column.kind == "text" else quoted("t_" + column.name)


def _masked(texts: list[Column]) -> str:
    """All free texts of a row, masked; null where none of them can be private, as in nearly every row."""
    if not texts:
        return "null::varchar[]"
    hints = " or ".join(f"may_be_private({_final(column)})" for column in texts)
    return f"case when {hints} then list_transform([{', '.join(map(_final, texts))}], lambda t: mask(t)) end"


def _kept(column: Column, texts: list[Column]) -> str:
    value = _final(column)
    if column in texts:
        value = f"coalesce(_masked[{texts.index(column) + 1}], {value})"
    return f"mask_key({value})" if column.secret else value


def _problem(source: Source, now: datetime, amounts: list[Column]) -> str:
    cases = [
        f"when _fault = {literal(NO_RECORD)} then {EMPTY}",
        f"when nullif(_fault, '') is not null then {FAULT}",
    ]
    for carrier in [one.name for one in source.carriers]:
        first = source.columns.index(source.inside(carrier)[0])
        cases.append(f"when {quoted('b_' + carrier)} then {first * 10 + BROKEN}")
    # Whether a row can be placed and told apart comes first: the event and the not-null columns, then the rest.
    order = sorted(range(len(source.columns)), key=lambda i: not source.columns[i].not_null)
    for index in order:
        column, code = source.columns[index], index * 10
        raw, value = quoted("r_" + column.name), _final(column)
        if column.kind != "text":
            cases.append(f"when {raw} is not null and {value} is null then {code + UNREADABLE}")
        if column.not_null:
            cases.append(f"when {raw} is null then {code + ABSENT}")
        if column.kind in COUNTS:
            cases.append(f"when {value} < 0 then {code + NEGATIVE}")
        if most := _most(column):
            cases.append(f"when abs({value}) > {most} then {code + TOO_MANY}")
        if column.told:
            cases.append(f"when {value} in ({', '.join(map(literal, column.told))}) then {code + TOLD}")
        if column in amounts:
            cases.append(f"when _written[{amounts.index(column) + 1}].is_other then {code + TOLD}")
        if column.allowed:
            cases.append(f"when {value} not in ({', '.join(map(literal, column.allowed))}) then {code + NOT_ALLOWED}")
        if column.name == source.event:
            cases.append(f"when {value} < timestamp '{EARLIEST}' then {code + TOO_EARLY}")
            cases.append(f"when {value} > timestamp '{latest(source, now)}' then {code + TOO_LATE}")
    return f"(case {' '.join(cases)} end)::integer"


def _most(column: Column) -> int | None:
    return column.most or MOST.get(column.kind)


def _found(source: Source) -> str:
    """The text at fault: none for columns of free text and of tags, which may hold anything."""
    cases = [f"when _problem = {FAULT} then _fault"]
    for index, column in enumerate(source.columns):
        if (column.kind != "text" or column.allowed) and column.kind not in UNTOLD:
            cases.append(f"when _problem // 10 = {index} then {quoted('r_' + column.name)}::varchar")
    return f"case when _problem is null then null {' '.join(cases)} end"


def _shown() -> str:
    """What a quarantine entry may show of it: what is short and names nobody."""
    is_short = r"regexp_full_match(_found, '[^\s]{1,40}( [^\s]{1,20}){0,2}')"
    return f"""case when _found is null or _problem = {FAULT} then _found
        when {is_short} and not is_private(_found) then _found
        else 'a text of ' || length(_found) || ' characters' end"""


def words(source: Source, now: datetime) -> list[tuple[int, str | None, str, str]]:
    """(problem, column, reason, mend) of everything that can be wrong; {} in a reason stands for what was found."""
    rows: list[tuple[int, str | None, str, str]] = [(FAULT, None, "{}", "Correct the record where the file is made.")]
    for index, column in enumerate(source.columns):
        code, name = index * 10, column.inside[0] if column.inside else column.shown
        label = f"{column.shown} (in {name})" if column.inside else name
        kind = {
            "tokens": "a whole number", "count": "a whole number", "sum": "a whole number", "seconds": "a number",
            "ratio": "a share from 0 to 1", "rate": "a share from 0.000001 to 1", "time": "a time",
            "money": "a number with at most 20 digits before and 18 after the point", "float_money": "a number",
            "date": "a date", "month": "a month", "start": "a month or a day", "amounts": "a JSON array of amounts",
            "prices": "a set of prices of which none is negative",
            "currency": "a currency of three letters", "tags": "a JSON object", "tag_list": "a JSON array of texts",
        }.get(column.kind, "a text")  # fmt: skip
        found = "" if column.kind in UNTOLD else " ({})"
        if column.kind != "text":
            rows.append((code + UNREADABLE, name, f"{label} is not {kind}{found}.", column.mend))
        if column.inside:
            rows.append((code + BROKEN, name, f"{name} is not valid JSON.", "Write a JSON object, or leave it empty."))
        rows += [
            (code + ABSENT, name, f"{label} is empty.", f"Give every row its {name}."),
            (code + NEGATIVE, name, f"{label} is negative ({{}}).", column.mend),
            (code + TOO_MANY, name, f"{label} is more than {_most(column) or 0:,} ({{}}).", column.mend),
            (code + TOO_EARLY, name, f"{label} lies before {EARLIEST:%Y-%m-%d} ({{}}).", f"Correct it. {column.mend}"),
            (
                code + TOO_LATE, name,
                f"{label} lies more than {source.latest_days} day{'s' * (source.latest_days > 1)} after now ({{}}).",
                "Correct the time, or wait until it has come.",
            ),
            (
                code + NOT_ALLOWED, name, f"{label} is not one of its values ({{}}).",
                f"Write one of: {', '.join(column.allowed)}.",
            ),
            (code + TOLD, name, f"{label} is not one of its values ({{}}).", " ".join(column.told.values())),
        ]  # fmt: skip
        if column.kind in MONEY:
            mend = "Write the currency that the amount is in, once."
            rows[-1] = (code + TOLD, name, f"{label} names another currency than its row ({{}}).", mend)
    return rows


def metrics(source: Source, now: datetime, table: str = "checked") -> str:
    """A select of one row a file: what the Great Expectations suite and the manifest are told about it.

    `last_seen`, `next_due`: the latest event not after the limit and the earliest one after it. As long as the limit
    lies between them, a later now comes to the same verdict.
    """
    event = quoted(source.event) if source.event else "null::timestamp"
    limit = f"timestamp '{latest(source, now)}'"
    good = "filter (where _problem is null)"
    nulls = [
        f"count(*) filter (where _problem is null and {quoted(c.name)} is null) as {quoted('nulls_' + c.name)}"
        for c in source.columns
        if c.required
    ]
    counts = [c for c in source.columns if c.kind in COUNTS]
    least = f"min(least({', '.join(quoted(c.name) for c in counts)})) {good}" if counts else "0"
    return f"""
        select _file, count(*) filter (where _problem is distinct from {EMPTY}) as rows_read,
            count(*) {good} as rows_accepted, count(*) filter (where _problem <> {EMPTY}) as rows_quarantined,
            min({event}) {good} as min_event_at, max({event}) {good} as max_event_at,
            max({event}) filter (where {event} <= {limit}) as last_seen,
            min({event}) filter (where {event} > {limit}) as next_due,
            {least} as least_count{"".join(", " + n for n in nulls)}
        from {table} group by _file"""
