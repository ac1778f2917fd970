{#
  A bucket is what a log, a vendor's report and a bill can all tell of usage: a day's quantity of one token class, of one
  model, in one tier; and of one account, project or key, where both the log and the report tell it, else `(all)`. Reasoning
  is billed as output, so it is output here.
#}
{% macro bucket_column_names() -%}
  {{ return(['call_date', 'vendor', 'account', 'model', 'service_tier', 'token_class']) }}
{%- endmacro %}

{% macro bucket_columns(alias=none) -%}
  {{ comma_list(bucket_column_names(), alias) }}
{%- endmacro %}

{% macro same_bucket(ours, theirs) -%}
  {{ same_columns_of(ours, theirs, bucket_column_names()) }}
{%- endmacro %}

{# The same bucket of one that is of no account: a price is everybody's. #}
{% macro same_priced_bucket(ours, theirs) -%}
  {{ same_columns_of(ours, theirs, bucket_column_names() | reject('equalto', 'account') | list) }}
{%- endmacro %}

{% macro bucket_key(alias) -%}
  {{ comma_list(bucket_column_names(), alias).replace(', ', " || '|' || ") }}
{%- endmacro %}

{# The account of a day's usage, by its vendor's row of int_bucket_accounts; of a report, its project or key. #}
{% macro bucket_account(usage, accounts) -%}
  coalesce(case when {{ accounts }}.told_by is not null then {{ usage }}.account end, '(all)')
{%- endmacro %}

{% macro reported_account(usage, accounts) -%}
  coalesce(case {{ accounts }}.told_by when 'project' then {{ usage }}.project when 'api_key' then {{ usage }}.api_key end, '(all)')
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
