{# The kinds of target that unit costs are shown for, with the expression that names the target in daily usage. #}
{% macro unit_targets() -%}
  {{ return({
    'company': "'(all)'", 'team': 'team', 'product': 'product', 'feature': 'feature', 'workflow': 'workflow',
    'customer': 'customer_id', 'environment': 'environment', 'model': "coalesce(model, '(unknown)')",
    'api_key': "coalesce(api_key_alias, api_key, '(unknown)')",
  }) }}
{%- endmacro %}

{# The kinds of target whose runs are counted: what a run is of, not what it used. #}
{% macro run_targets() -%}
  {%- set targets = {} -%}
  {%- for target_type, column in unit_targets().items() if target_type not in ['model', 'api_key'] -%}
    {%- do targets.update({target_type: column}) -%}
  {%- endfor -%}
  {{ return(targets) }}
{%- endmacro %}

{# A quotient of money and a count as money; null where the count is null or zero. Engines differ in decimal division, so in double. #}
{% macro per_unit(amount, count) -%}
  cast(round(cast({{ amount }} as double) / nullif(cast({{ count }} as double), 0), 18) as {{ money() }})
{%- endmacro %}

{# A share of two counts or amounts, 0 to 1; null where the whole is null or zero. #}
{% macro share_of(part, whole) -%}
  cast(round(cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0), 18) as {{ ratio() }})
{%- endmacro %}

{# The same where the part may be negative or larger than the whole; null where the whole is not above zero. #}
{% macro ratio_of(part, whole) -%}
  case when {{ whole }} > 0 then {{ per_unit(part, whole) }} end
{%- endmacro %}

{# The first day after a period. #}
{% macro period_end(grain, start) -%}
  case {{ grain }} when 'day' then {{ start }} + interval '1' day else {{ start }} + interval '1' month end
{%- endmacro %}
