{# What differs by engine, and nothing else: models and other macros call these. #}

{% macro row_text(row) %}{{ return(adapter.dispatch('row_text', 'costgrain')(row)) }}{% endmacro %}
{% macro default__row_text(row) %}{{ return('cast(' ~ row ~ ' as varchar)') }}{% endmacro %}

{# One hash over all rows of a group, whatever their order. #}
{% macro rows_hash(row, is_text=false) %}{{ return(adapter.dispatch('rows_hash', 'costgrain')(row, is_text)) }}{% endmacro %}
{% macro default__rows_hash(row, is_text) -%}
  {%- set text = row if is_text else row_text(row) -%}
  {{ return("md5(coalesce(string_agg(md5(" ~ text ~ "), ',' order by md5(" ~ text ~ ")), ''))") }}
{%- endmacro %}

{# Texts of a group joined in a stated order. #}
{% macro joined(text, order_by) %}{{ return(adapter.dispatch('joined', 'costgrain')(text, order_by)) }}{% endmacro %}
{% macro default__joined(text, order_by) %}{{ return("string_agg(" ~ text ~ ", ',' order by " ~ order_by ~ ")") }}{% endmacro %}

{# The logic that views remember of themselves, as a scalar. #}
{% macro view_logic(relations) %}{{ return(adapter.dispatch('view_logic', 'costgrain')(relations)) }}{% endmacro %}
{% macro default__view_logic(relations) -%}
  {%- set names = [] -%}
  {%- for relation in relations -%}{%- do names.append("'" ~ relation.database ~ '.' ~ relation.schema ~ '.' ~ relation.identifier ~ "'") -%}{%- endfor -%}
  {{ return(
    "(select coalesce(string_agg(view_name || coalesce(comment, ''), ',' order by schema_name, view_name), '') from duckdb_views() "
    ~ "where database_name || '.' || schema_name || '.' || view_name in (" ~ names | join(', ') ~ '))'
  ) }}
{%- endmacro %}

{# One row for each day from that of `first` to that of `last`, both included, as column `name` of alias `alias`. #}
{% macro each_day(first, last, alias, name) %}{{ return(adapter.dispatch('each_day', 'costgrain')(first, last, alias, name)) }}{% endmacro %}
{% macro default__each_day(first, last, alias, name) -%}
  {{ return(
    'lateral (select cast(unnest(generate_series(cast(' ~ first ~ ' as date), cast(' ~ last
    ~ " as date), interval 1 day)) as date) as " ~ name ~ ') as ' ~ alias
  ) }}
{%- endmacro %}

{% macro seconds_of_day(timestamp) %}{{ return(adapter.dispatch('seconds_of_day', 'costgrain')(timestamp)) }}{% endmacro %}
{% macro default__seconds_of_day(timestamp) -%}
  {{ return('(extract(hour from ' ~ timestamp ~ ') * 3600 + extract(minute from ' ~ timestamp ~ ') * 60 + cast(floor(extract(second from ' ~ timestamp ~ ')) as bigint))') }}
{%- endmacro %}

{% macro month_of(date) %}{{ return("cast(date_trunc('month', " ~ date ~ ') as date)') }}{% endmacro %}

{# One row for each element of a list column. #}
{% macro unnested(list) %}{{ return(adapter.dispatch('unnested', 'costgrain')(list)) }}{% endmacro %}
{% macro default__unnested(list) %}{{ return('unnest(' ~ list ~ ')') }}{% endmacro %}

{# A list column as one text. #}
{% macro list_text(list) %}{{ return(adapter.dispatch('list_text', 'costgrain')(list)) }}{% endmacro %}
{% macro default__list_text(list) %}{{ return("array_to_string(" ~ list ~ ", ', ')") }}{% endmacro %}

{#
  The last day that a period touches, its end being exclusive. A period without an end is its first day, and so is one whose
  end lies more than three years after its start: 9999-12-31 stands for none.
#}
{% macro last_day_of(period_start, period_end) -%}
  {{ return(
    'greatest(cast(' ~ period_start ~ ' as date), cast(coalesce(case when cast(' ~ period_end ~ ' as date) <= cast(' ~ period_start
    ~ ' as date) + 1096 then ' ~ period_end ~ ' end, ' ~ period_start ~ ") - interval '1' second as date))"
  ) }}
{%- endmacro %}

{# The value at the latest moment of a group; ties go to the largest value. #}
{% macro last_value_by(value, moment) %}{{ return(adapter.dispatch('last_value_by', 'costgrain')(value, moment)) }}{% endmacro %}
{% macro default__last_value_by(value, moment) %}{{ return('arg_max(' ~ value ~ ', (' ~ moment ~ ', ' ~ value ~ '))') }}{% endmacro %}

{# The first value in a stated order that is not null. #}
{% macro first_known(value, order_by) %}{{ return(adapter.dispatch('first_known', 'costgrain')(value, order_by)) }}{% endmacro %}
{% macro default__first_known(value, order_by) %}{{ return('arg_min(' ~ value ~ ', ' ~ order_by ~ ')') }}{% endmacro %}

{# The different texts of a group, in their order. #}
{% macro joined_distinct(text) %}{{ return(adapter.dispatch('joined_distinct', 'costgrain')(text)) }}{% endmacro %}
{% macro default__joined_distinct(text) %}{{ return("array_to_string(list_sort(list(distinct " ~ text ~ ")), ', ')") }}{% endmacro %}

{# The same of texts that are joined already. #}
{% macro rejoined_distinct(texts) %}{{ return(adapter.dispatch('rejoined_distinct', 'costgrain')(texts)) }}{% endmacro %}
{% macro default__rejoined_distinct(texts) %}{{ return("array_to_string(list_sort(list_distinct(string_split(string_agg(" ~ texts ~ ", ', '), ', '))), ', ')") }}{% endmacro %}

{# A text matches a regular expression, and what a group of it says; null where it says nothing. #}
{% macro matches_pattern(text, pattern) %}{{ return(adapter.dispatch('matches_pattern', 'costgrain')(text, pattern)) }}{% endmacro %}
{% macro default__matches_pattern(text, pattern) %}{{ return("regexp_matches(" ~ text ~ ", '" ~ pattern ~ "')") }}{% endmacro %}
{% macro matched_group(text, pattern, group) %}{{ return(adapter.dispatch('matched_group', 'costgrain')(text, pattern, group)) }}{% endmacro %}
{% macro default__matched_group(text, pattern, group) %}{{ return("nullif(regexp_extract(" ~ text ~ ", '" ~ pattern ~ "', " ~ group ~ "), '')") }}{% endmacro %}

{# The pieces of a text between separators, one row each. #}
{% macro split_text(text, separator) %}{{ return(adapter.dispatch('split_text', 'costgrain')(text, separator)) }}{% endmacro %}
{% macro default__split_text(text, separator) %}{{ return("unnest(string_split(" ~ text ~ ", '" ~ separator ~ "'))") }}{% endmacro %}

{# A text up to its first comma. #}
{% macro before_comma(text) %}{{ return("trim(split_part(" ~ text ~ ", ',', 1))") }}{% endmacro %}

{# All words and digits of a short name are among those of a long one: 'Claude4.5Haiku' in 'claude-haiku-4-5-20251001'. #}
{% macro has_words_of(long, short) %}{{ return(adapter.dispatch('has_words_of', 'costgrain')(long, short)) }}{% endmacro %}
{% macro default__has_words_of(long, short) -%}
  {%- set words = "regexp_extract_all(lower(regexp_replace(NAME, '([a-z])([A-Z])', '\\1 \\2', 'g')), '[a-z]+|[0-9]')" -%}
  {{ return('list_has_all(' ~ words.replace('NAME', long) ~ ', ' ~ words.replace('NAME', short) ~ ')') }}
{%- endmacro %}

{# Two maps as one; of equal keys the second's value. #}
{% macro both_maps(first, second) %}{{ return(adapter.dispatch('both_maps', 'costgrain')(first, second)) }}{% endmacro %}
{% macro default__both_maps(first, second) %}{{ return("map_concat(" ~ first ~ ", " ~ second ~ ")") }}{% endmacro %}

{# A product of two decimals with twelve decimals each; null where it would have more than 14 integer digits. #}
{% macro product_of(first, second) %}{{ return(adapter.dispatch('product_of', 'costgrain')(first, second)) }}{% endmacro %}
{% macro default__product_of(first, second) %}{{ return("cast(try(cast(" ~ first ~ " as decimal(38, 12)) * cast(" ~ second ~ " as decimal(38, 12))) as " ~ money() ~ ")") }}{% endmacro %}

{# The sum of the amounts in a map; zero where there are none. #}
{% macro sum_of_map(map) %}{{ return(adapter.dispatch('sum_of_map', 'costgrain')(map)) }}{% endmacro %}
{% macro default__sum_of_map(map) %}{{ return("cast(coalesce(list_sum(map_values(" ~ map ~ ")), 0) as " ~ money() ~ ")") }}{% endmacro %}

{# The largest value in a map column. #}
{% macro largest_in(map) %}{{ return(adapter.dispatch('largest_in', 'costgrain')(map)) }}{% endmacro %}
{% macro default__largest_in(map) %}{{ return('list_max(map_values(' ~ map ~ '))') }}{% endmacro %}

{# A moment in UTC as ISO 8601 writes it, to the second. #}
{% macro iso_time(moment) %}{{ return(adapter.dispatch('iso_time', 'costgrain')(moment)) }}{% endmacro %}
{% macro default__iso_time(moment) %}{{ return("strftime(" ~ moment ~ ", '%Y-%m-%dT%H:%M:%SZ')") }}{% endmacro %}

{# A map as a JSON object; null where it is empty. #}
{% macro json_of_map(map) %}{{ return(adapter.dispatch('json_of_map', 'costgrain')(map)) }}{% endmacro %}
{% macro default__json_of_map(map) %}{{ return("nullif(cast(to_json(" ~ map ~ ") as varchar), '{}')") }}{% endmacro %}

{# A text if it is a JSON object of plain values, else null. #}
{% macro plain_json(text) %}{{ return(adapter.dispatch('plain_json', 'costgrain')(text)) }}{% endmacro %}
{% macro default__plain_json(text) -%}
  {{ return(
    "case when json_valid(" ~ text ~ ") and json_type(" ~ text ~ ") = 'OBJECT'"
    ~ " and not list_has_any(json_type(" ~ text ~ ", '$.*'), ['OBJECT', 'ARRAY']) then " ~ text ~ " end"
  ) }}
{%- endmacro %}

{# A JSON object of named values, those that are null left out; null where that leaves none. #}
{% macro json_of(values) %}{{ return(adapter.dispatch('json_of', 'costgrain')(values)) }}{% endmacro %}
{% macro default__json_of(values) -%}
  {%- set pairs = [] -%}
  {%- for name, value in values.items() -%}{%- do pairs.append(quoted(name) ~ ', ' ~ value) -%}{%- endfor -%}
  {{ return("nullif(cast(json_merge_patch('{}', json_object(" ~ pairs | join(', ') ~ ")) as varchar), '{}')") }}
{%- endmacro %}

{# A JSON object of one element with a number and a text, as FOCUS nests what it calls Elements. #}
{% macro json_elements(number, number_value, text, text_value) %}{{ return(adapter.dispatch('json_elements', 'costgrain')(number, number_value, text, text_value)) }}{% endmacro %}
{% macro default__json_elements(number, number_value, text, text_value) -%}
  {{ return(
    "'{\"Elements\":[{\"" ~ number ~ "\":' || " ~ number_value ~ " || ',\"" ~ text ~ "\":' || to_json(" ~ text_value ~ ") || '}]}'"
  ) }}
{%- endmacro %}

{# A map of tags has `key=value`, or of `key` any value. #}
{% macro has_tag(tags, tag) %}{{ return(adapter.dispatch('has_tag', 'costgrain')(tags, tag)) }}{% endmacro %}
{% macro default__has_tag(tags, tag) -%}
  {{ return(
    "coalesce(case when contains(" ~ tag ~ ", '=') then " ~ tags ~ "[trim(split_part(" ~ tag ~ ", '=', 1))] = trim(substr(" ~ tag ~ ", strpos("
    ~ tag ~ ", '=') + 1)) else " ~ tags ~ "[trim(" ~ tag ~ ")] is not null end, false)"
  ) }}
{%- endmacro %}

{# Seconds from one moment to a later one, with their fraction. #}
{% macro seconds_between(start, finish) %}{{ return(adapter.dispatch('seconds_between', 'costgrain')(start, finish)) }}{% endmacro %}
{% macro default__seconds_between(start, finish) -%}
  {{ return("cast(cast(epoch_us(" ~ finish ~ ") - epoch_us(" ~ start ~ ") as decimal(24, 6)) * 0.000001 as decimal(18, 6))") }}
{%- endmacro %}

{# The smallest value that a share `ratio` of all values do not exceed. #}
{% macro quantile(value, ratio) %}{{ return(adapter.dispatch('quantile', 'costgrain')(value, ratio)) }}{% endmacro %}
{% macro default__quantile(value, ratio) %}{{ return("quantile_disc(" ~ value ~ ", " ~ ratio ~ ")") }}{% endmacro %}
