{# What a charge is allocated to, and a call belongs to. #}
{% macro allocation_targets() -%}
  {{ return(['environment', 'team', 'product', 'feature', 'workflow', 'customer']) }}
{%- endmacro %}

{# What `attribution_keys` can name: of a call also its user and prompt version. #}
{% macro call_targets() -%}
  {{ return(allocation_targets() + ['prompt_version', 'user']) }}
{%- endmacro %}

{% macro target_column(target) -%}
  {{ return({'customer': 'customer_id', 'user': 'user_id'}.get(target, target)) }}
{%- endmacro %}

{% macro target_columns() -%}
  {%- set columns = [] -%}
  {%- for target in allocation_targets() -%}{%- do columns.append(target_column(target)) -%}{%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}

{# What gateways write where they know no user: LiteLLM's name of the proxy's own admin, on every call that tells none. #}
{% macro users_that_are_none() -%}
  {{ return(['default_user_id']) }}
{%- endmacro %}

{# The columns that say what named each target. #}
{% macro attributed_by_columns(targets=none) -%}
  {%- set columns = [] -%}
  {%- for target in targets or call_targets() -%}{%- do columns.append(target ~ '_attributed_by') -%}{%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}

{% macro targets(alias=none) -%}
  {{ comma_list(target_columns(), alias) }}
{%- endmacro %}

{#
  The targets of a source's rows by `attribution_keys`, and beside each what named it: `tag:team`, `column:team_id`. `tags` and
  `metadata` are the map columns in which keys of those origins are looked up. The first key by priority that has a value.
#}
{% macro attributed_targets(source, targets, tags=none, metadata=none) -%}
  {%- set keys = attribution_keys_of(source) %}
  {#- Outside the markers, since it is logic: who is nobody. #}
  {%- if 'user' in targets %}/* nobody: {{ users_that_are_none() | join(', ') }} */ {% endif %}
  {%- for target in targets %}
    {%- set choices = target_choices(keys, target, tags, metadata) %}
    /* config */ coalesce({{ (choices | map(attribute=1) | list + ['cast(null as varchar)'] * 2) | join(', ') }}) /* end config */ as {{ target_column(target) }},
    /* config */ case{% for label, value in choices %} when {{ value }} is not null then {{ quoted(label) }}{% endfor %} when false then '' end /* end config */ as {{ target }}_attributed_by
    {%- if not loop.last %},{% endif %}
  {%- endfor %}
{%- endmacro %}

{#
  (label, expression) of each key, in order. They stand between config markers, since a day's fingerprint holds the rows of
  the config that are valid on that day, and a change to one of them must not touch other days.
#}
{% macro target_choices(keys, target, tags, metadata) -%}
  {%- set choices = [] -%}
  {%- set nobody = users_that_are_none() if target == 'user' else [] -%}
  {%- for of, origin, key, from, to in keys if of == target -%}
    {%- set place = {'tag': tags, 'metadata': metadata}.get(origin) -%}
    {%- set value = key if origin == 'column' else (place ~ '[' ~ quoted(key) ~ ']' if place else 'null') -%}
    {%- set told = namespace(value="nullif(trim(" ~ value ~ "), '')") -%}
    {%- for name in nobody -%}{%- set told.value = "nullif(" ~ told.value ~ ", " ~ quoted(name) ~ ")" -%}{%- endfor -%}
    {%- set conditions = (['day >= date ' ~ quoted(from)] if from else []) + (['day < date ' ~ quoted(to)] if to else []) -%}
    {%- do choices.append((
      origin ~ ':' ~ key,
      told.value if not conditions else "case when " ~ conditions | join(' and ') ~ " then " ~ told.value ~ " end"
    )) -%}
  {%- endfor -%}
  {{ return(choices) }}
{%- endmacro %}

{# Target, origin, key and from when to when of each of a source's keys, read once a model. #}
{% macro attribution_keys_of(source) -%}
  {%- if not execute -%}{%- do ref('stg_company__attribution_keys') -%}{%- endif -%}
  {{ return(run_query(
    'select target, origin, key, valid_from, valid_to from ' ~ company_rows_now('attribution_keys')
    ~ " where source = '" ~ source ~ "' order by cast(priority as integer), origin, key").rows if execute else []) }}
{%- endmacro %}
