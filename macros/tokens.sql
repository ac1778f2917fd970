{# The token classes: they exclude each other and add up to the provider's own total. #}
{% macro token_classes() -%}
  {{ return([
    'input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output', 'reasoning',
    'audio_input', 'audio_output', 'image_input', 'image_output',
  ]) }}
{%- endmacro %}

{% macro input_token_classes() -%}
  {{ return(['input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'audio_input', 'image_input']) }}
{%- endmacro %}

{% macro output_token_classes() -%}
  {{ return(token_classes() | reject('in', input_token_classes()) | list) }}
{%- endmacro %}

{# What a provider meters beside tokens, as column and singular price. #}
{% macro other_meters() -%}
  {{ return(['requests', 'web_searches', 'seconds', 'images', 'characters']) }}
{%- endmacro %}

{% macro all_meters() -%}
  {{ return(token_classes() + other_meters()) }}
{%- endmacro %}

{# What only a vendor's own report counts, and no catalogue has a price for: they are no part of a call. #}
{% macro report_meters() -%}
  {{ return(['file_searches', 'code_sessions', 'stored_byte_days']) }}
{%- endmacro %}

{% macro has_report_meter(usage) -%}
  coalesce({% for meter in report_meters() %}nullif({{ usage }}.{{ meter }}, 0){{ ', ' if not loop.last }}{% endfor %}) is not null
{%- endmacro %}

{# The column that holds a meter's quantity. #}
{% macro quantity_of(meter) -%}
  {{ return(meter ~ '_tokens' if meter in token_classes() else meter) }}
{%- endmacro %}

{# Tokens of several classes together; null only where none of them is known. #}
{% macro tokens_sum(classes, alias='') -%}
  {%- set prefix = alias ~ '.' if alias else '' -%}
  case when coalesce({% for c in classes %}{{ prefix }}{{ c }}_tokens{{ ', ' if not loop.last }}{% endfor %}) is not null
    then {% for c in classes %}coalesce({{ prefix }}{{ c }}_tokens, 0){{ ' + ' if not loop.last }}{% endfor %} end
{%- endmacro %}

{# Law 7: whether the classes of a record that reports a total add up to another one. #}
{% macro has_token_mismatch(alias='') -%}
  coalesce({{ tokens_sum(token_classes(), alias) }} <> {{ alias ~ '.' if alias }}reported_tokens, false)
{%- endmacro %}

{# How many classes a record tells tokens of: the more, the fuller it is. #}
{% macro known_token_classes() -%}
  {% for class in token_classes() %}case when {{ class }}_tokens > 0 then 1 else 0 end{{ ' + ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# What a report counts inside or beside its input and output: named reported_<part>_tokens in raw. #}
{% macro token_parts() -%}
  {{ return([
    'cache_read', 'cache_write', 'cache_write_5m', 'cache_write_1h', 'reasoning', 'audio_input', 'audio_output', 'image_input',
    'image_output', 'cached_audio_input', 'cached_image_input', 'tool_input',
  ]) }}
{%- endmacro %}

{# The parts that a source does not tell. #}
{% macro untold_parts() -%}
  {%- for part in varargs -%}cast(null as bigint) as reported_{{ part }}_tokens{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{# The API flavour of a report, by its form and by who counted: a provider's own row of the seed token_semantics goes first. #}
{% macro api_flavour_of(form, provider) -%}
  {%- set branches = [] -%}
  {%- if execute -%}
    {%- for row in run_query(
        "select form, coalesce(provider, '') as provider, api_flavour from read_csv('seeds/reference/token_semantics.csv', header = true, all_varchar = true)"
        ~ " where form is not null order by provider = '', form, provider").rows -%}
      {%- set is_own = ' and ' ~ provider ~ ' = ' ~ quoted(row[1]) if row[1] else '' -%}
      {%- do branches.append('when ' ~ form ~ ' = ' ~ quoted(row[0]) ~ is_own ~ ' then ' ~ quoted(row[2])) -%}
    {%- endfor -%}
  {%- endif -%}
  case {{ branches | join(' ') or 'when false then null' }} end
{%- endmacro %}

{#
  The same of what may be Langfuse's: its types add up to the total. Where fewer do, whoever wrote them holds the others inside
  these.
#}
{% macro api_flavour_of_langfuse_or(form, provider) -%}
  case
    when {{ form }} = 'langfuse' and reported_total_tokens = reported_input_tokens + reported_output_tokens then 'langfuse_totals'
    when {{ form }} = 'langfuse' and reported_total_tokens = reported_input_tokens + reported_output_tokens + reported_cache_read_tokens
      then 'langfuse_reads_apart'
    else {{ api_flavour_of(form, provider) }}
  end
{%- endmacro %}

{#
  The disjoint classes of a report, as disjoint_<class>_tokens: the only place that takes one count out of another. `report` has
  reported_input_tokens, reported_output_tokens and reported_<part>_tokens; `semantics` is its row of the seed token_semantics,
  which says of each part whether the report counts it inside the input, inside the output, or beside both. A part that cannot
  lie inside was counted beside. A write whose time to live is not told is one of five minutes. Of a part that is not told there is none, but
  where nothing is told nothing is known.
#}
{% macro disjoint_tokens(report, semantics) -%}
  {%- set tokens = {} -%}
  {%- for part in token_parts() -%}{%- do tokens.update({part: 'coalesce(' ~ report ~ '.reported_' ~ part ~ '_tokens, 0)'}) -%}{%- endfor -%}
  {#- Media read from a cache count once, as read from it. -#}
  {%- for medium in ['audio_input', 'image_input'] -%}
    {%- do tokens.update({medium:
      'case when ' ~ semantics ~ ".cached_media_counted = 'both' then greatest(" ~ tokens[medium] ~ ' - ' ~ tokens['cached_' ~ medium] ~ ', 0) else ' ~ tokens[medium] ~ ' end'
    }) -%}
  {%- endfor -%}
  {%- do tokens.update({'cache_read': 'case when ' ~ semantics ~ ".cache_read_counted = 'nowhere' then 0 else " ~ tokens.cache_read ~ ' end'}) -%}
  {%- do tokens.update({'cache_write_5m': 'greatest(' ~ tokens.cache_write_5m ~ ', ' ~ tokens.cache_write ~ ' - ' ~ tokens.cache_write_1h ~ ')'}) -%}
  {%- do tokens.update({'cache_write': tokens.cache_write_5m ~ ' + ' ~ tokens.cache_write_1h}) -%}
  {%- for whole, class in [('input', 'input_uncached'), ('output', 'output')] -%}
    {%- set inside = [] -%}
    {%- for part in ['cache_read', 'cache_write', 'reasoning', 'audio_input', 'audio_output', 'image_input', 'image_output'] -%}
      {%- do inside.append('case when ' ~ semantics ~ '.' ~ part ~ "_counted = '" ~ whole ~ "' then " ~ tokens[part] ~ ' else 0 end') -%}
    {%- endfor %}
    {{ report }}.reported_{{ whole }}_tokens - case
        when {{ report }}.reported_{{ whole }}_tokens >= {{ inside | join(' + ') }} then {{ inside | join(' + ') }} else 0
    end{% if whole == 'input' %} + case when {{ semantics }}.tool_input_counted = 'beside' then {{ tokens.tool_input }} else 0 end{% endif %} as disjoint_{{ class }}_tokens,
  {%- endfor %}
  {%- set told = [] -%}
  {%- for part in ['input', 'output'] + token_parts() -%}{%- do told.append(report ~ '.reported_' ~ part ~ '_tokens') -%}{%- endfor -%}
  {%- for part in token_classes() | reject('in', ['input_uncached', 'output']) %}
    case when coalesce({{ told | join(', ') }}) is not null then {{ tokens[part] }} end as disjoint_{{ part }}_tokens{{ ',' if not loop.last }}
  {%- endfor %}
{%- endmacro %}
