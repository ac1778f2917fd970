{#
  A bucket is what a log, a vendor's report and a bill can all tell of usage: a day's quantity of one token class, of one
  model, in one tier. Reasoning is billed as output, so it is output here.
#}
{% macro bucket_columns(alias=none) -%}
  {{ comma_list(['call_date', 'vendor', 'model', 'service_tier', 'token_class'], alias) }}
{%- endmacro %}

{% macro same_bucket(ours, theirs) -%}
  {%- for column in ['call_date', 'vendor', 'model', 'service_tier', 'token_class'] -%}
    {{ ours }}.{{ column }} = {{ theirs }}.{{ column }}{{ ' and ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}

{% macro bucket_key(alias) -%}
  {{ alias }}.call_date || '|' || {{ alias }}.vendor || '|' || {{ alias }}.model || '|' || {{ alias }}.service_tier || '|' || {{ alias }}.token_class
{%- endmacro %}

{# The catalogues' name of a logged model, by its row of int_models_resolved; else its own. #}
{% macro bucket_model(usage, resolved) -%}
  coalesce({{ resolved }}.price_model, {{ resolved }}.litellm_model, {{ usage }}.model, '(unknown)')
{%- endmacro %}

{% macro bucket_class(token_class) -%}
  case when {{ token_class }} = 'reasoning' then 'output' else {{ token_class }} end
{%- endmacro %}

{# The names that vendors have for the tier that is not named. #}
{% macro bucket_tier(service_tier) -%}
  case when {{ service_tier }} in ('default', 'auto', 'on_demand') then 'standard' else coalesce({{ service_tier }}, 'standard') end
{%- endmacro %}

{# Input or output: within these, a token that one side counts in another class is still the same token. #}
{% macro bucket_side(token_class) -%}
  case
    when {{ token_class }} in ({% for c in input_token_classes() %}{{ quoted(c) }}{{ ', ' if not loop.last }}{% endfor %}) then 'input'
    when {{ token_class }} in ('output', 'audio_output', 'image_output') then 'output'
    else {{ token_class }}
  end
{%- endmacro %}

{# All classes of tokens are one meter of a report; any other meter is one of its own. #}
{% macro bucket_meter(token_class) -%}
  case when {{ bucket_side(token_class) }} in ('input', 'output') then 'tokens' else {{ token_class }} end
{%- endmacro %}
