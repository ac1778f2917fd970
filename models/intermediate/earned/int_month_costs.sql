{{ config(materialized='table') }}

-- What is fully loaded cost, with what lowers it only for a while: credits, and negotiated prices.
with costs as (

    select
        lines.usage_month as month,
        lines.vendor,
        {{ cost_kind('parts', 'lines') }} as cost_kind,
        parts.cost_class,
        {{ targets('parts') }},
        parts.effective_cost_usd as cost_usd,
        case when lines.charge_category = 'Credit' then -parts.effective_cost_usd end as credit_usd,
        case when lines.charge_category = 'Usage' then parts.list_cost_usd - parts.contracted_cost_usd end as discount_usd
    from {{ ref('int_ledger_parts') }} as parts
    inner join {{ ref('int_cost_lines') }} as lines on parts.charge_date = lines.charge_date and parts.cost_line_id = lines.cost_line_id
    union all
    select
        usage_month as month,
        vendor,
        cost_kind,
        cost_class,
        {{ targets() }},
        cast(null as {{ money() }}) as cost_usd,
        credit_usd,
        cast(null as {{ money() }}) as discount_usd
    from {{ ref('int_credited_parts') }}
    union all
    select
        effort_month as month,
        cast(null as varchar) as vendor,
        'human_work' as cost_kind,
        cast(null as varchar) as cost_class,
        {{ targets() }},
        imputed_cost_usd as cost_usd,
        {{ unknown_amounts('credit_usd', 'discount_usd') }}
    from {{ ref('int_work_by_target') }}

)

select
    month,
    vendor,
    cost_kind,
    cost_class,
    {{ targets() }},
    count(*) filter (where cost_usd is null and credit_usd is null) as unknown_count,
    {% for amount in ['cost_usd', 'credit_usd', 'discount_usd'] -%}
        cast(sum({{ amount }}) as {{ money() }}) as {{ amount }}{% if not loop.last %},{% endif %}
    {% endfor %}
from costs
group by all
