{# The sources of calls: landing folder, and its staging models. A new one is a line here. #}
{% macro call_sources() -%}
  {{ return({
    'litellm': {'calls': 'stg_litellm__spend_logs', 'duplicates': 'stg_litellm__duplicates'},
    'llm_calls': {'calls': 'stg_llm_calls__calls', 'duplicates': 'stg_llm_calls__duplicates'},
  }) }}
{%- endmacro %}

{# The columns of a call that every call source gives, apart from its allocation targets. #}
{% macro call_columns(alias=none) -%}
  {%- set columns = [
    'call_id', 'call_date', 'source', 'file_hash', 'file_row', 'called_at', 'ended_at', 'provider', 'model', 'account', 'api_key',
    'api_key_alias', 'trace_id', 'parent_id', 'retry_of', 'status', 'service_tier', 'user_id', 'prompt_version', 'is_gateway_cache_hit',
  ] -%}
  {%- for meter in all_meters() -%}{%- do columns.append(quantity_of(meter)) -%}{%- endfor -%}
  {%- do columns.extend(['reported_tokens', 'reported_cost_usd']) -%}
  {{ (alias ~ '.' if alias else '') ~ columns | join(', ' ~ (alias ~ '.' if alias else '')) }}
{%- endmacro %}
