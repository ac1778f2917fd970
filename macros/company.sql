{#
  What a company sets up: a CSV in COSTGRAIN_CONFIG, or else the neutral default of the same name in seeds/company.
#}

{% macro company_file(name) -%}
  {%- set own = config_folder() ~ '/' ~ name ~ '.csv' -%}
  {%- if execute and file_exists(own) -%}{{ return(own) }}{%- endif -%}
  {{ return(none) }}
{%- endmacro %}

{# The rows of a config file, or of its seed, with the seed's columns and types: for use after `from`. #}
{% macro company_rows(name) -%}
  {%- set seed = ref(name) -%}
  {%- set own = company_file(name) -%}
  {{ return(csv_rows(name, own) if own else seed) }}
{%- endmacro %}

{% macro csv_rows(name, path) -%}
  {%- set typed = [] -%}
  {%- for column, type in graph.nodes['seed.costgrain.' ~ name].config.column_types.items() -%}
    {%- do typed.append("cast(nullif(trim(" ~ column ~ "), '') as " ~ type ~ ") as " ~ column) -%}
  {%- endfor -%}
  {{ return(
    '(select ' ~ typed | join(', ') ~ ' from read_csv(' ~ quoted(path) ~ ", header = true, all_varchar = true, delim = ',', quote = '\"'))"
  ) }}
{%- endmacro %}

{# The same rows as texts while dbt compiles, when the seed may not be loaded yet. dbt runs in the project's root. #}
{% macro company_rows_now(name) -%}
  {%- set path = company_file(name) or 'seeds/company/' ~ name ~ '.csv' -%}
  {{ return('read_csv(' ~ quoted(path) ~ ", header = true, all_varchar = true, delim = ',', quote = '\"')") }}
{%- endmacro %}

{#
  The expression that names an allocation target of a call or charge, from `attribution_keys`: the first key, by
  priority, that has a value. It stands between config markers, since a day's fingerprint holds the rows of the config
  that are valid on that day, and a change to one of them must not touch other days.
#}
{% macro attributed(source, target, tags=none, metadata=none) -%}
  {%- set choices = [] -%}
  {%- if execute -%}
    {%- for row in run_query(
        'select origin, key, valid_from, valid_to from ' ~ company_rows_now('attribution_keys')
        ~ " where source = '" ~ source ~ "' and target = '" ~ target ~ "' order by cast(priority as integer), origin, key").rows -%}
      {%- set place = {'tag': tags, 'metadata': metadata}.get(row[0]) -%}
      {%- set value = row[1] if row[0] == 'column' else (place ~ '[' ~ quoted(row[1]) ~ ']' if place else 'null') -%}
      {%- set conditions = (['day >= date ' ~ quoted(row[2])] if row[2] else []) + (['day < date ' ~ quoted(row[3])] if row[3] else []) -%}
      {%- do choices.append(
        "nullif(trim(" ~ value ~ "), '')" if not conditions
        else "case when " ~ conditions | join(' and ') ~ " then nullif(trim(" ~ value ~ "), '') end"
      ) -%}
    {%- endfor -%}
  {%- endif -%}
  /* config */ coalesce({{ (choices + ['cast(null as varchar)', 'cast(null as varchar)']) | join(', ') }}) /* end config */
{%- endmacro %}

{# A row of config holds on `day`. #}
{% macro is_valid(row, day) -%}
  ({{ day }} >= coalesce({{ row }}.valid_from, {{ day }}) and ({{ row }}.valid_to is null or {{ day }} < {{ row }}.valid_to))
{%- endmacro %}
