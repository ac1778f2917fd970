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

{# What a provider meters beside tokens, as column and singular price. #}
{% macro other_meters() -%}
  {{ return(['requests', 'web_searches', 'seconds', 'images', 'characters']) }}
{%- endmacro %}

{% macro all_meters() -%}
  {{ return(token_classes() + other_meters()) }}
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

{# How many classes a record tells tokens of: the more, the fuller it is. #}
{% macro known_token_classes() -%}
  {% for class in token_classes() %}case when {{ class }}_tokens > 0 then 1 else 0 end{{ ' + ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# What a report counts inside or beside its input and output: named reported_<part>_tokens where it is staged. #}
{% macro token_parts() -%}
  {{ return([
    'cache_read', 'cache_write', 'cache_write_5m', 'cache_write_1h', 'reasoning', 'audio_input', 'audio_output', 'image_input', 'image_output',
  ]) }}
{%- endmacro %}

{#
  The disjoint classes of a report, as disjoint_<class>_tokens. `report` has reported_input_tokens, reported_output_tokens
  and reported_<part>_tokens; `semantics` is its row of the seed token_semantics, which says of each part whether the report
  counts it inside the input, inside the output, or beside both. A part that cannot lie inside was counted beside. A write
  whose time to live is not told is one of five minutes.
#}
{% macro disjoint_tokens(report, semantics) -%}
  {%- set parts = ['cache_read', 'cache_write', 'reasoning', 'audio_input', 'audio_output', 'image_input', 'image_output'] -%}
  {%- set written_1h = 'coalesce(' ~ report ~ '.reported_cache_write_1h_tokens, 0)' -%}
  {%- set written_5m -%}
    coalesce({{ report }}.reported_cache_write_5m_tokens, greatest(coalesce({{ report }}.reported_cache_write_tokens, 0) - {{ written_1h }}, 0))
  {%- endset -%}
  {%- for whole, class in [('input', 'input_uncached'), ('output', 'output')] -%}
    {%- set inside = [] -%}
    {%- for part in parts -%}
      {%- set tokens = written_5m ~ ' + ' ~ written_1h if part == 'cache_write' else 'coalesce(' ~ report ~ '.reported_' ~ part ~ '_tokens, 0)' -%}
      {%- do inside.append('case when ' ~ semantics ~ '.' ~ part ~ "_counted = '" ~ whole ~ "' then " ~ tokens ~ ' else 0 end') -%}
    {%- endfor %}
    {{ report }}.reported_{{ whole }}_tokens - case
        when {{ report }}.reported_{{ whole }}_tokens >= {{ inside | join(' + ') }} then {{ inside | join(' + ') }} else 0
    end as disjoint_{{ class }}_tokens,
  {%- endfor %}
    coalesce({{ report }}.reported_cache_read_tokens, 0) as disjoint_cache_read_tokens,
    {{ written_5m }} as disjoint_cache_write_5m_tokens,
    {{ written_1h }} as disjoint_cache_write_1h_tokens
  {%- for part in ['reasoning', 'audio_input', 'audio_output', 'image_input', 'image_output'] -%}
    , coalesce({{ report }}.reported_{{ part }}_tokens, 0) as disjoint_{{ part }}_tokens
  {%- endfor %}
{%- endmacro %}
