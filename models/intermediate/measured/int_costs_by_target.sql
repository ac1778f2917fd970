-- Reshapes: each day's charges and human work once for each kind of target that unit costs are shown for.
{%- set bases = ['billed', 'effective', 'fully_loaded'] %}
with allocated as (

    select
        call_date,
        {{ targets() }},
        case when cost_kind in ('billed', 'billed_other') then cost_usd end as billed_cost_usd,
        case when cost_kind in ('calls', 'ai') then cost_usd end as effective_cost_usd,
        case when cost_kind not in ('billed', 'billed_other') then cost_usd end as fully_loaded_cost_usd
    from {{ ref('int_cost_pools') }}
    union all
    select
        occurred_date as call_date,
        {{ targets() }},
        cast(null as {{ money() }}) as billed_cost_usd,
        cast(null as {{ money() }}) as effective_cost_usd,
        imputed_cost_usd as fully_loaded_cost_usd
    from {{ ref('int_work_by_target') }}
    where imputed_cost_usd is not null

),

costs as (

    select * from {{ grouped_by_customer('allocated', 'call_date') }} as grouped

),

consumed as (

    select * from {{ ref('int_consumed_daily') }}

)

{% for target_type, column in unit_targets().items() -%}
    select
        call_date,
        '{{ target_type }}' as target_type,
        {{ column }} as target,
        {% for basis in bases -%}
            sum({{ basis }}_cost_usd) as {{ basis }}_cost_usd,
            sum({{ basis }}_cost_usd) filter (where {{ is_of_customers() }})
                as customers_{{ basis }}_cost_usd{% if not loop.last %},{% endif %}
        {% endfor %}
    from costs
    group by call_date, target
    union all
{% endfor %}
{% for target_type, column in (model_targets().items() | list) + [('prompt_version', 'prompt_version')] -%}
    select
        call_date,
        '{{ target_type }}' as target_type,
        {{ column }} as target,
        {% for basis in bases -%}
            sum({{ basis }}_cost_usd) as {{ basis }}_cost_usd,
            sum({{ basis }}_cost_usd) filter (where {{ is_of_customers() }})
                as customers_{{ basis }}_cost_usd{% if not loop.last %},{% endif %}
        {% endfor %}
    from consumed
    {% if target_type == 'prompt_version' %}where prompt_version <> ''{% endif %}
    group by call_date, target
    {{ 'union all' if not loop.last }}
{% endfor %}
