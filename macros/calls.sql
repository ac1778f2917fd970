{# The columns of a call that every call source gives, apart from its targets. is_model_step: a span tells of it as a step of its run, see
   int_steps; no gateway does, and no span of a request that failed without usage. is_lookup: it looks something up for others, as an embedding
   does. #}
{% macro call_columns(alias=none) -%}
  {{ comma_list(call_column_names(), alias) }}
{%- endmacro %}

{% macro call_column_names() -%}
  {%- set names = [
    'call_id', 'call_date', 'source', 'file_hash', 'file_row', 'called_at', 'first_token_at', 'ended_at', 'provider', 'model', 'account', 'api_key',
    'api_key_alias', 'trace_id', 'parent_id', 'retry_of', 'response_id', 'request_id', 'sample_rate', 'gpu_seconds', 'status', 'error_type',
    'service_tier', 'user_id', 'prompt_version', 'is_gateway_cache_hit', 'is_model_step', 'is_lookup',
  ] -%}
  {%- for meter in all_meters() -%}{%- do names.append(quantity_of(meter)) -%}{%- endfor -%}
  {%- do names.extend(['reported_tokens', 'reported_cost_usd']) -%}
  {{ return(names) }}
{%- endmacro %}

{# What identity adds to a call: which sources saw it, in how many records, and whether these agree. #}
{% macro sighting_columns() -%}
  {{ return(['seen_by', 'sighting_count', 'has_conflicting_sightings']) }}
{%- endmacro %}

{# The price book has Anthropic's fast mode as a tier of service; Anthropic tells it apart from the tier. #}
{% macro tier_of(service_tier, speed) -%}
  case when lower({{ speed }}) = 'fast' then 'fast' else coalesce(lower(nullif({{ service_tier }}, '')), 'standard') end
{%- endmacro %}

{# An id that tells calls apart: what systems write when they have none is none. #}
{% macro known_id(column) -%}
  case when lower(trim({{ column }})) not in ('', 'null', 'none', 'nan', 'undefined', 'unknown', 'n/a', '0', '-') then trim({{ column }}) end
{%- endmacro %}

{% macro comma_list(names, alias=none) -%}
  {{ (alias ~ '.' if alias else '') ~ names | join(', ' ~ (alias ~ '.' if alias else '')) }}
{%- endmacro %}

{# Columns of text that a source does not tell: `cast(null as varchar) as a, …`. #}
{% macro untold() -%}
  {%- for column in varargs -%}cast(null as varchar) as {{ column }}{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{# Amounts that nobody knows. #}
{% macro unknown_amounts() -%}
  {%- for column in varargs -%}cast(null as {{ money() }}) as {{ column }}{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{# One call, as a model that has it beside its source and day names it. #}
{% macro same_call(ours, theirs) -%}
  {{ ours }}.call_date = {{ theirs }}.call_date and {{ ours }}.source = {{ theirs }}.source and {{ ours }}.call_id = {{ theirs }}.call_id
{%- endmacro %}

{# A provider under the name that it has in all sources: tools have their own names, see the seed provider_names. #}
{% macro provider_of(column) -%}
  {%- set branches = [] -%}
  {%- if execute -%}
    {%- for row in run_query("select name, provider from read_csv('seeds/reference/provider_names.csv', header = true, all_varchar = true) order by name").rows -%}
      {%- do branches.append('when ' ~ quoted(row[0]) ~ ' then ' ~ quoted(row[1])) -%}
    {%- endfor -%}
  {%- endif -%}
  case lower(nullif(trim({{ column }}), '')) {{ branches | join(' ') or "when '' then null" }} else lower(nullif(trim({{ column }}), '')) end
{%- endmacro %}
