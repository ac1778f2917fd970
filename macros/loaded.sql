{# What of fully loaded cost a part of a charge is. Usage of models that no log has is theirs, too, whether the bill names the model or not. #}
{% macro cost_kind(part, line) -%}
  case
    when {{ line }}.source in ('licences', 'copilot') then 'licences'
    when {{ part }}.rule_path like 'own-usage%' or {{ part }}.rule_path like 'usage-of-%' or {{ line }}.model is not null then 'ai'
    when {{ part }}.rule_path like 'unlogged-usage%' or {{ part }}.rule_path like 'unreconciled%' then 'ai'
    else 'infrastructure'
  end
{%- endmacro %}

{# The part of a charge that its own calls bear one by one: usage that no rule handed on. #}
{% macro is_on_calls(part) -%}
  (
    {{ part }}.driver is null
    -- What a rule lists follows no driver, either.
    and {{ part }}.rule_path not like '% > %'
    and ({{ part }}.rule_path = 'own-usage' or {{ part }}.rule_path like 'usage-of-%')
  )
{%- endmacro %}

{# What usage weighs in a pool of this kind, in the columns of int_trace_usage. What a company runs itself has no price of its own. #}
{% macro pool_weight(kind, usage) -%}
  case {{ kind }}
    when 'billed' then {{ usage }}.billed_cost_usd
    when 'calls' then {{ usage }}.effective_cost_usd
    else coalesce({{ usage }}.hosted_cost_usd + {{ usage }}.contracted_cost_usd, {{ usage }}.hosted_cost_usd, {{ usage }}.contracted_cost_usd)
  end
{%- endmacro %}

{#
  Divides `cost_usd` of each row of `relation` exactly by `weight`, or where all weights are zero or unknown by `calls`; where the weights
  add up to the cost, each part is its weight. What weighs an unknown amount beside known ones has an unknown part. The relation `name` has the columns `kept` and `cost_usd`.
#}
{% macro loaded_parts(relation, name, whole, tie, kept) %}
{{ name }}_weighed as (

    select
        {{ whole }},
        {{ comma_list(kept) }},
        cost_usd as whole_cost_usd,
        weight as own_cost_usd,
        coalesce(sum(weight) over (partition by {{ whole }}) = cost_usd, false) as is_whole,
        weight is not null or coalesce(sum(weight) over (partition by {{ whole }}), 0) <= 0 as is_known,
        case
            when sum(weight) over (partition by {{ whole }}) > 0 then cast(coalesce(weight, 0) as double) else cast(calls as double)
        end as weight
    from {{ relation }}

),

{{ name }}_rounded as (

    select
        *,
        case
            when is_whole then coalesce(own_cost_usd, 0) else {{ rounded_share('whole_cost_usd', 'weight', whole) }}
        end as cost_usd,
        {{ largest_first('weight', whole, tie) }} as part_rank
    from {{ name }}_weighed

),

{{ name }} as (

    select
        {{ whole }},
        {{ comma_list(kept) }},
        case when is_known then cast({{ exact_part('whole_cost_usd', 'cost_usd', whole, 'part_rank') }} as {{ money() }}) end as cost_usd
    from {{ name }}_rounded

)
{%- endmacro %}

{# Two rows of the same targets. #}
{% macro same_targets(ours, theirs) -%}
  {{ same_columns_of(ours, theirs, target_columns()) }}
{%- endmacro %}

{# What calls bear of all costs, in the columns of int_trace_costs; null where nothing is known. #}
{% macro borne_by_calls() -%}
  case
    when coalesce(effective_cost_usd, infrastructure_cost_usd, licences_cost_usd) is not null
      then coalesce(effective_cost_usd, 0) + coalesce(infrastructure_cost_usd, 0) + coalesce(licences_cost_usd, 0)
  end
{%- endmacro %}
