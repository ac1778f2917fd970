"""SQL macros that turn landed text into typed values: null where the text is not one, never an error.

The casts take the cheapest exact way: parsing straight into DECIMAL(38,18) costs fifty times that of DECIMAL(18,12).
"""

from __future__ import annotations

import re

MOST = 9_000_000_000_000_000_000  # what a whole number too large for BIGINT is read as, so that it counts as too large

DAY = r"\d{4}[-/]\d\d[-/]\d\d"
OFFSET = r"[-+](0\d|1[0-4])(:?\d\d)?"

# The signs of currencies, and the currencies that each may be.
DOLLARS = "ARS AUD BBD BMD BND BSD BZD CAD CLP COP FJD GYD HKD JMD KYD LRD MXN NAD NZD SGD SRD TTD TWD USD UYU XCD"
SIGNS = {
    "$": DOLLARS, "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "HK$": "HKD", "MX$": "MXN",
    "NT$": "TWD", "NZ$": "NZD", "R$": "BRL", "S$": "SGD", "SG$": "SGD", "€": "EUR", "£": "GBP", "¥": "CNY JPY",
    "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "₫": "VND", "₱": "PHP", "฿": "THB", "₴": "UAH",
    "₦": "NGN", "kr": "DKK ISK NOK SEK", "kr.": "DKK ISK NOK SEK", "Kr": "DKK ISK NOK SEK", "Kr.": "DKK ISK NOK SEK",
    "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "Fr": "CHF", "Fr.": "CHF",
}  # fmt: skip
# One of them or a code; and the numbers that can be read in one way only, in SQL's quotes.
CURRENCY = f"(?:{'|'.join(map(re.escape, sorted(SIGNS, key=len, reverse=True)))}|[A-Z]{{3}})"
MEANT = " ".join(
    f"when '{sign}' then code in ({', '.join(repr(code) for code in codes.split())})" for sign, codes in SIGNS.items()
)
BY_BLANK = r"\d{1,3}( \d{3})+|\d{1,3}(''\d{3})+"
BY_COMMA = r"\d{1,3}(,\d{3})+\.\d*|\d{1,3}(,\d{3}){2,}|\d{1,2}(,\d\d)+,\d{3}(\.\d*)?"
BY_POINT = r"\d{1,3}(\.\d{3})+"
POINT = rf"\d+\.?\d*|\.\d+|({BY_BLANK})(\.\d*)?|{BY_COMMA}"
COMMA = rf"\d{{1,3}}(\.\d{{3}}){{2,}}|({BY_BLANK}|{BY_POINT}|\d{{4,}}|0),\d+|\d+,(\d\d?|\d{{4,}})"
RARE, PLAIN = "\u00a0\u202f\u2009\u2212\u2019", "   -''"  # blanks of three kinds, a minus, an apostrophe

MACROS = rf"""
-- The empty text, NULL and (null) (in any case) are null; text is otherwise kept as it is.
-- The first three comparisons pass nearly every text without looking further than at its first letter.
create or replace macro blank(x) as
  case when x >= 'o' or (x >= ')' and x < 'N') or (x >= 'O' and x < 'n') then x
    when lower(trim(x)) in ('', 'null', '(null)') then null else x end;

create or replace macro plain_number(t) as regexp_full_match(t, '[-+]?(\d+\.?\d*|\.\d+)');
create or replace macro decimals(t) as case when strpos(t, '.') = 0 then 0 else strlen(t) - strpos(t, '.') end;

create or replace macro whole_number(t) as case
  when try_cast(t as bigint)::varchar = t then try_cast(t as bigint)
  when regexp_full_match(t, '[-+]?\d{{1,30}}(\.0*)?')
    then greatest(least(try_cast(t as decimal(38, 6)), {MOST}), -{MOST})::bigint
  when regexp_full_match(t, '[-+]?\d{{1,30}}\.?\d*([eE]\+?\d{{1,2}})?')
    and try_cast(t as decimal(38, 6)) = trunc(try_cast(t as decimal(38, 6)))
    then greatest(least(try_cast(t as decimal(38, 6)), {MOST}), -{MOST})::bigint
  end;
create or replace macro read_integer(x) as whole_number(trim(x));

create or replace macro plain_money(t) as case
  when strpos(t, '.') = 0 then coalesce(try_cast(t as decimal(18, 0))::decimal(38, 18), try_cast(t as decimal(38, 18)))
  when decimals(t) <= 12 then coalesce(try_cast(t as decimal(18, 12))::decimal(38, 18), try_cast(t as decimal(38, 18)))
  when decimals(t) <= 17 then coalesce(try_cast(t as decimal(18, 17))::decimal(38, 18), try_cast(t as decimal(38, 18)))
  when decimals(rtrim(t, '0')) <= 18 then try_cast(t as decimal(38, 18))
  end;
-- 1.5e-05: as many decimals as the mantissa has, less the exponent.
create or replace macro exponent_money(t) as case
  when regexp_full_match(t, '[-+]?\d+(\.\d*)?[eE][-+]?\d{{1,2}}')
    and strlen(rtrim(regexp_extract(t, '\.(\d*)', 1), '0')) - regexp_extract(t, '[eE]([-+]?\d+)', 1)::integer <= 18
    then try_cast(t as decimal(38, 18))
  end;
-- $1,234.50, 1 234,50 kr and (EUR 1'234.50): the text itself tells what groups the digits and what begins the decimals,
-- or it is no amount: a lone comma before three digits may do either, as a lone point may beside a currency. Beside
-- none a point is decimal, and a comma is not: who writes 900,00 would write 2.000 for two thousand.
create or replace macro plain_blanks(t) as trim(translate(t, '{RARE}', '{PLAIN}'));
create or replace macro without_currency(t) as
  regexp_replace(regexp_replace(t, '^([-+(]?) ?{CURRENCY} ?', '\1'), ' ?{CURRENCY}( ?[-)]?)$', '\1');
create or replace macro plain_digits(n, priced) as case
  when regexp_full_match(n, '{POINT}') then translate(n, ', ''', '')
  when priced and regexp_full_match(n, '{COMMA}') then replace(translate(n, '. ''', ''), ',', '.') end;
create or replace macro signed_digits(n, priced) as
  case when regexp_full_match(n, '[-+]?[^-+()]+|[^-+()]+-|\([^-+()]+\)')
    then case when regexp_matches(n, '^[-(]|-$') then '-' else '' end
      || plain_digits(translate(n, '-+()', ''), priced) end;
create or replace macro priced_digits(t, n) as case
  when n = t or not regexp_full_match(n, '[-+(]?[1-9]\d{{0,2}}\.\d{{3}}[-)]?') then signed_digits(n, n <> t) end;
-- Bound one by one, or each would be computed anew wherever it stands in the next.
create or replace macro accounting_money(t) as list_transform(list_transform(list_transform(
  [plain_blanks(t)],
  lambda written: [written, without_currency(written)]),
  lambda pair: priced_digits(pair[1], pair[2])),
  lambda digits: plain_money(digits))[1];
-- Whether all that stands before or behind an amount may mean the currency; null where nothing does, or none is known.
create or replace macro may_mean(sign, code) as case sign when '' then true {MEANT} else sign = code end;
create or replace macro is_money_in(t, code) as
  may_mean(regexp_extract(plain_blanks(t), '^[-+(]? ?({CURRENCY})', 1), code)
  and may_mean(regexp_extract(plain_blanks(t), '({CURRENCY}) ?[-)]?$', 1), code);
create or replace macro exact_money(t) as case when plain_number(t) then plain_money(t) else exponent_money(t) end;
create or replace macro read_money(x) as coalesce(exact_money(trim(x)), accounting_money(trim(x)));

create or replace macro rounded_money(t) as case
  when plain_number(t) and decimals(t) <= 17 then plain_money(t)
  when plain_number(t) or regexp_full_match(t, '[-+]?\d+(\.\d*)?[eE][-+]?\d{{1,3}}') then try_cast(t as decimal(38, 18))
  end;
create or replace macro read_float_money(x) as coalesce(rounded_money(trim(x)), accounting_money(trim(x)));
create or replace macro read_seconds(x) as case
  when plain_number(trim(x)) or regexp_full_match(trim(x), '[-+]?\d+(\.\d*)?[eE][-+]?\d{{1,3}}')
    then try_cast(trim(x) as decimal(18, 6))
  end;
create or replace macro read_ratio(x) as
  case when rounded_money(trim(x)) between 0 and 1 then rounded_money(trim(x))::decimal(19, 18) end;
create or replace macro read_rate(x) as
  case when read_ratio(x) = 0 or read_ratio(x) >= 0.000001 then read_ratio(x) end;

-- Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size (all mean 1973 to 5138).
create or replace macro epoch_micros(v) as case
  when abs(v) < 1e11 then trunc(v * 1000000) when abs(v) < 1e14 then trunc(v * 1000)
  when abs(v) < 1e17 then trunc(v) else trunc(v / 1000) end::bigint;
create or replace macro whole_epoch_micros(v) as case
  when abs(v) < 100000000000 then v * 1000000 when abs(v) < 100000000000000 then v * 1000
  when abs(v) < 100000000000000000 then v else v // 1000 end;
create or replace macro finite_time(v) as case when isfinite(v) then v end;
-- Every other way to write a time that is seen in the wild; a / date has the month first, as in FOCUS's own examples.
-- A zone's name is none of them: at the end of summer time it does not say which of two hours is meant.
create or replace macro rare_time(t) as case
  when regexp_full_match(t, '\d{{8}}') then try_strptime(t, '%Y%m%d')
  -- GitHub's day or month as an object.
  when regexp_full_match(replace(t, ' ', ''), '\{{"year":\d{{4}},"month":\d\d?(,"day":\d\d?)?\}}')
    then try_strptime(trim(regexp_replace(t, '\D+', ' ', 'g')), ['%Y %m %d', '%Y %m'])
  when regexp_full_match(t, '20\d{{12}}') then try_strptime(t, '%Y%m%d%H%M%S')
  when regexp_full_match(t, '-?\d{{9,19}}') and try_cast(t as bigint) is not null
    then make_timestamp(whole_epoch_micros(try_cast(t as bigint)))
  when regexp_full_match(t, '-?\d{{9,19}}(\.\d{{1,9}})?|\d\.\d{{1,20}}[eE]\+?(9|1\d)')
    then make_timestamp(epoch_micros(try_cast(t as decimal(30, 9))))
  when regexp_full_match(t, '\d{{1,2}}/\d{{1,2}}/\d{{2}}( .*)?')
    then try_strptime(t, [
      '%m/%d/%y', '%m/%d/%y %H:%M', '%m/%d/%y %H:%M:%S', '%m/%d/%y %I:%M %p', '%m/%d/%y %I:%M:%S %p'])
  when regexp_full_match(t, '\d{{1,2}}/\d{{1,2}}/\d{{4}}( .*)?')
    then try_strptime(t, [
      '%m/%d/%Y', '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %I:%M %p', '%m/%d/%Y %I:%M:%S %p'])
  -- Where points stand in a date, the day is first.
  when regexp_full_match(t, '\d\d?\.\d\d?\.\d{{4}}( \d\d?:\d\d(:\d\d)?)?')
    then try_strptime(t, ['%d.%m.%Y', '%d.%m.%Y %H:%M', '%d.%m.%Y %H:%M:%S'])
  when regexp_full_match(t, '{DAY}[T ]\d\d:\d\dZ?')
    then try_strptime(t[:16], ['%Y-%m-%dT%H:%M', '%Y-%m-%d %H:%M'])
  when regexp_full_match(t, '{DAY}[T ]\d\d:\d\d[-+]\d\d:?\d\d')
    then make_timestamp(epoch_us(try_cast(t[:16] || ':00' || t[17:] as timestamptz)))
  -- An hour past 23 belongs to the next day; FOCUS's own examples have one.
  when regexp_full_match(t, '{DAY}[T ](2[4-9]|3\d|4[0-7]):[0-5]\d:[0-5]\dZ?')
    then try_cast(t[:10] as timestamp) + to_hours(t[12:13]::integer) + to_minutes(t[15:16]::integer)
      + to_seconds(t[18:19]::integer)
  when regexp_full_match(t, '\d{{8}}T\d{{6}}Z?') then try_strptime(t[:15], '%Y%m%dT%H%M%S')
  when regexp_full_match(t, '{DAY}[Tt ]\d\d:\d\d:\d\d([.,]\d+)?( ?([Zz]|UTC|GMT)| ?{OFFSET}( UTC)?)?')
    then make_timestamp(epoch_us(try_cast(regexp_replace(
      replace(replace(upper(t), ',', '.'), 'GMT', 'UTC'), ' ?([-+]\d\d):?(\d\d)( UTC)?$', '\1:\2') as timestamptz)))
  end;
create or replace macro any_time(t) as coalesce(
  make_timestamp(epoch_us(finite_time(
    case when regexp_full_match(t, '{DAY}([T ]\d\d:\d\d:\d\d(\.\d+)?(Z|{OFFSET})?)?')
      then try_cast(t as timestamptz) end))),
  rare_time(t));
create or replace macro read_time(x) as any_time(trim(x));
-- A date is the one that is written, whatever the hour and the zone beside it.
create or replace macro any_date(t) as
  case when any_time(t) is not null and regexp_full_match(t, '{DAY}[T ].*') then try_cast(t[:10] as date)
    else any_time(t)::date end;
create or replace macro read_date(x) as any_date(trim(x));
-- A period's first day: a month (2026-08, 202608) or a day.
create or replace macro read_start(x) as any_date(
  case when regexp_full_match(trim(x), '\d{{4}}-\d{{2}}') then trim(x) || '-01'
    when regexp_full_match(trim(x), '20\d{{4}}') then trim(x) || '01' else trim(x) end);
create or replace macro read_currency(x) as
  case when regexp_full_match(trim(x), '[A-Za-z]{{3}}') then upper(trim(x)) end;
create or replace macro read_month(x) as date_trunc('month', read_start(x))::date;

-- Maps are made from two lists, which costs a tenth of a list of pairs. Null lists: the text is not what it should be.
create or replace macro texts_of(x) as case when left(ltrim(x), 1) = '['
  then try(list_filter(json_extract_string(x, '$[*]'), lambda t: t is not null and trim(t) <> '')) end;
-- ["team:search", "flag"]: what stands before the first colon is the key; a flag is 'true'.
create or replace macro keys_of_texts(texts) as
  list_transform(texts, lambda t: case when strpos(t, ':') > 1 then trim(split_part(t, ':', 1)) else trim(t) end);
create or replace macro values_of_texts(texts) as
  list_transform(texts, lambda t: case when strpos(t, ':') > 1 then trim(t[strpos(t, ':') + 1:]) else 'true' end);
-- A JSON object's scalar values as text. Nested values are left out, for they may hold anything; so are nulls.
create or replace macro scalars_of(x) as
  list_transform(json_type(x, '$.*'), lambda kind: kind not in ('OBJECT', 'ARRAY', 'NULL'));
create or replace macro is_flat(x) as not regexp_matches(x, '.[{{\[]|null');
create or replace macro is_object(x) as left(ltrim(x), 1) = '{{';
-- Azure writes tags as "k": "v", "l": "w", without the braces.
create or replace macro braced(x) as case when left(ltrim(x), 1) = '"' then '{{' || x || '}}' else x end;
-- A list of {{"key": k, "value": v}} is read as the object {{k: v}}.
create or replace macro pairs_of(x) as try(list_filter(json_extract(x, '$[*]'),
  lambda p: json_type(p, '$.key') = 'VARCHAR' and json_type(p, '$.value') not in ('OBJECT', 'ARRAY', 'NULL')));
create or replace macro is_pairs(x) as regexp_full_match(x, '\s*\[\s*(\]|\{{.*)', 's');
create or replace macro keys_of_braced(x) as case when is_object(x)
  then case when is_flat(x) then try(json_keys(x)) else try(list_where(json_keys(x), scalars_of(x))) end
  when is_pairs(x) then list_transform(pairs_of(x), lambda p: json_extract_string(p, '$.key')) end;
create or replace macro values_of_braced(x) as case when is_object(x)
  then case when is_flat(x) then try(json_extract_string(x, '$.*'))
    else try(list_where(json_extract_string(x, '$.*'), scalars_of(x))) end
  when is_pairs(x) then list_transform(pairs_of(x), lambda p: json_extract_string(p, '$.value')) end;
create or replace macro keys_of_object(x) as keys_of_braced(braced(x));
create or replace macro values_of_object(x) as values_of_braced(braced(x));
-- Of equal keys the first wins.
create or replace macro pair_map(ks, vs) as case when list_unique(ks) = len(ks) then map(ks, vs)
  else map(
    list_filter(ks, lambda k, i: list_position(ks, k) = i),
    list_filter(vs, lambda v, i: list_position(ks, ks[i]) = i)) end;

create or replace macro no_json(x) as case when left(ltrim(x), 1) in ('{{', '[') and json_valid(x) then null else x end;
-- Tags in columns of their own: no value where it is blank or itself JSON.
create or replace macro tag_value(x) as case when left(ltrim(x), 1) not in ('{{', '[') then blank(x) end;
-- The scalar values of a JSON object under names that begin with one of the prefixes and are none of `but` (all lower
-- case), as an object of texts: what follows a prefix is the key. Zipped first: inside a lambda the object would be
-- parsed anew for each of its names.
create or replace macro after_prefix(k, prefixes) as
  k[len(list_filter(prefixes, lambda p: starts_with(lower(k), p))[1]) + 1:];
create or replace macro named_values(j) as
  list_zip(list_transform(json_keys(j), lambda k: trim(k)), json_extract_string(j, '$.*'), scalars_of(j));
create or replace macro keyed_values(j, prefixes, but) as list_filter(named_values(j), lambda v: v[3]
  and coalesce(len(after_prefix(v[1], prefixes)), 0) > 0
  and not list_contains(but, lower(v[1])) and tag_value(v[2]) is not null);
create or replace macro object_of_pairs(pairs, prefixes) as to_json(pair_map(
  list_transform(pairs, lambda v: after_prefix(v[1], prefixes)), list_transform(pairs, lambda v: v[2])))::varchar;
create or replace macro keyed_by_prefix(j, prefixes, but) as
  case when json_type(j) = 'OBJECT' then object_of_pairs(keyed_values(j, prefixes, but), prefixes) end;

-- [{{"type": t, "amount": a}}]: the sum of each type; null where an amount cannot be read. A type is in capitals.
create or replace macro amounts_of(x) as list_transform(try(json_extract(x, '$[*]')),
  lambda a: case when abs(rounded_money(trim(json_extract_string(a, '$.amount')))) < 1e17
    then rounded_money(trim(json_extract_string(a, '$.amount'))) end);
create or replace macro types_of(x) as list_transform(try(json_extract(x, '$[*]')),
  lambda a: coalesce(nullif(regexp_extract(json_extract_string(a, '$.type'), '^[A-Z_]{{1,60}}$'), ''), 'OTHER'));
create or replace macro sums_by(ks, amounts) as case when len(list_filter(amounts, lambda a: a is null)) = 0
  then map(list_sort(list_distinct(ks)), list_transform(list_sort(list_distinct(ks)), lambda k:
    list_sum(list_filter(amounts, lambda a, i: ks[i] = k))::decimal(38, 18))) end;
create or replace macro read_amounts(x) as
  case when left(ltrim(x), 1) = '[' then sums_by(types_of(x), amounts_of(x)) end;

-- [{{"modality": "AUDIO", "tokenCount": 5}}]: the sum of the counts of those objects whose key is one of the wanted.
create or replace macro sum_in(x, key, wanted, count_of) as list_sum(list_transform(
  list_filter(try(json_extract(x, '$[*]')), lambda o: list_contains(wanted, json_extract_string(o, key))),
  lambda o: whole_number(json_extract_string(o, count_of))))::varchar;
-- A JSON object of prices by name; null where one of them is negative or no number.
create or replace macro prices_of(x) as list_transform(values_of_object(x), lambda p: rounded_money(trim(p)));
create or replace macro read_prices(x) as
  case when is_object(x) and len(list_filter(prices_of(x), lambda p: p is null or p < 0)) = 0
  then pair_map(keys_of_object(x), prices_of(x)) end;

-- OTLP writes attributes as [{{"key": k, "value": {{"stringValue": v}}}}], an intValue as text or as a number. They are
-- made an object's members, of which the first of a name counts. What has no value, or a list or map of them, is none.
-- A list that is not JSON has none.
create or replace macro otlp_member(a) as case when starts_with(a.key, '"')
  then a.key || ':' || json_extract(a.value, '$.*')[1] end;
create or replace macro otlp_members(attributes) as nullif(array_to_string(list_filter(list_transform(
  try(json_transform(attributes, '[{{"key": "JSON", "value": "JSON"}}]')), lambda a: otlp_member(a)),
  lambda m: right(m, 1) not in ('}}', ']') and right(m, 3) <> ':""' and right(m, 5) <> ':null'), ','), '');
"""

PARSERS = {
    "tokens": "read_integer",
    "count": "read_integer",
    "sum": "read_integer",
    "seconds": "read_seconds",
    "ratio": "read_ratio",
    "rate": "read_rate",
    "time": "read_time",
    "date": "read_date",
    "month": "read_month",
    "start": "read_start",
    "currency": "read_currency",
    "amounts": "read_amounts",
    "prices": "read_prices",
}
