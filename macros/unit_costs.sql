{#
  The kinds of target that unit costs are shown for, with the expression that names the target: of what calls and charges are for.
  `grouped_by_customer` adds the segment and the plan.
#}
{% macro unit_targets() -%}
  {%- set group = "case when customer_id in ('(internal)', '(unallocated)') then customer_id else coalesce(%s, '(unknown)') end" -%}
  {{ return({
    'company': "'(all)'", 'team': 'team', 'product': 'product', 'feature': 'feature', 'workflow': 'workflow',
    'customer': 'customer_id', 'environment': 'environment', 'segment': group % 'segment', 'plan': group % 'plan',
    'customer_workflow': "customer_id || ' / ' || workflow", 'customer_feature': "customer_id || ' / ' || feature",
  }) }}
{%- endmacro %}

{# Those of what calls used. #}
{% macro model_targets() -%}
  {{ return({
    'model': "coalesce(model, '(unknown)')", 'workflow_model': "workflow || ' / ' || coalesce(model, '(unknown)')",
  }) }}
{%- endmacro %}

{# The kinds of target that are shown by day and week; all are by month. #}
{% macro daily_targets() %}{{ return("('company', 'team', 'product', 'feature', 'workflow', 'model', 'api_key')") }}{% endmacro %}

{# The rows of a model with a customer's segment and plan on the day. #}
{% macro grouped_by_customer(relation, day) -%}
  (
    select
      grouped.*,
      groups.segment,
      groups.plan
    from {{ relation }} as grouped
    left join {{ ref('int_customer_groups') }} as groups
      on grouped.customer_id = groups.customer_id and {{ is_valid('groups', 'grouped.' ~ day) }}
  )
{%- endmacro %}

{# Calls and charges that are for a customer outside the company. #}
{% macro is_of_customers() %}customer_id not in ('(internal)', '(unallocated)'){% endmacro %}

{# A quotient of money and a count as money; null where the count is null or zero. Engines differ in decimal division, so in double. #}
{% macro per_unit(amount, count) -%}
  cast(round(cast({{ amount }} as double) / nullif(cast({{ count }} as double), 0), 18) as {{ money() }})
{%- endmacro %}

{# Money that a count or an amount would come to at a factor that is only about right: 12 decimals of it are meant. #}
{% macro estimate(amount, factor) -%}
  cast(round(cast({{ amount }} as double) * ({{ factor }}), 12) as {{ money() }})
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
  case {{ grain }}
    when 'day' then {{ start }} + interval '1' day
    when 'week' then {{ start }} + interval '7' day
    else {{ start }} + interval '1' month
  end
{%- endmacro %}

{# How many days after a period the outcomes that a metric counts may still come in. #}
{% macro maturity_days(metric) -%}
  coalesce(
    (select max(windows.maturity_days) from {{ ref('int_maturity') }} as windows where windows.metric = {{ metric }}), {{ var('maturity_days', 30) }}
  )
{%- endmacro %}

{# A period that ended at `ended` is not over for as many days. #}
{% macro is_immature(ended, days) -%}
  cast(cast({{ ended }} as date) + {{ days }} as timestamp) > {{ now_utc() }}
{%- endmacro %}

{# One row of int_unit_sums for each row of a relation by target: its cost, or its units, or both. Tokens count by the thousand.
   `covered`: how many of `whole` have a cost, where that is not all the units. #}
{% macro unit_sum(metric, basis, relation, cost, units, whole, covered=none) -%}
  {%- set factor = ' * 0.001' if units in ('tokens', 'priced_tokens') else '' -%}
  select
    '{{ metric }}' as metric,
    target_type,
    target,
    call_date as sum_date,
    '{{ basis }}' as cost_basis,
    {{ cost or 'cast(null as ' ~ money() ~ ')' }} as cost_usd,
    cast(null as {{ money() }}) as known_cost_usd,
    cast(cast({{ units or 0 }} as decimal(32, 0)){{ factor }} as decimal(38, 6)) as units,
    cast(0 as decimal(38, 6)) as unknown_units,
    cast({{ covered or units or 0 }} as decimal(38, 6)) as covered,
    cast({{ whole or 0 }} as decimal(38, 6)) as coverable
  from {{ relation }}
{%- endmacro %}
