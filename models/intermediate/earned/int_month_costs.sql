{{ config(materialized='table') }}

-- What is fully loaded cost, with what lowers it only for a while: credits, and negotiated prices; and calls of which no price is known.
with costs as (

    select
        lines.usage_month as month,
        lines.vendor,
        {{ cost_kind('parts', 'lines') }} as cost_kind,
        parts.cost_class,
        {{ targets('parts') }},
        parts.effective_cost_usd as cost_usd,
        case when lines.charge_category = 'Credit' then -parts.effective_cost_usd end as credit_usd,
        case when lines.charge_category = 'Usage' then parts.list_cost_usd - parts.contracted_cost_usd end as discount_usd,
        0 as unpriced_calls
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
        cast(null as {{ money() }}) as discount_usd,
        0 as unpriced_calls
    from {{ ref('int_credited_parts') }}
    union all
    select
        effort_month as month,
        cast(null as varchar) as vendor,
        'human_work' as cost_kind,
        cast(null as varchar) as cost_class,
        {{ targets() }},
        imputed_cost_usd as cost_usd,
        {{ unknown_amounts('credit_usd', 'discount_usd') }},
        0 as unpriced_calls
    from {{ ref('int_work_by_target') }}
    union all
    select
        {{ month_of('call_date') }} as month,
        cast(null as varchar) as vendor,
        'ai' as cost_kind,
        {{ cost_class('call_date') }} as cost_class,
        {{ targets() }},
        {{ unknown_amounts('cost_usd', 'credit_usd', 'discount_usd') }},
        calls as unpriced_calls
    from {{ ref('int_usage_daily') }}
    where pricing_status = 'unpriced' and calls > 0

)

select
    month,
    vendor,
    cost_kind,
    cost_class,
    {{ targets() }},
    count(*) filter (where cost_usd is null and credit_usd is null and unpriced_calls = 0) as unknown_count,
    count(*) filter (where unpriced_calls = 0) as cost_rows,
    cast(sum(unpriced_calls) as bigint) as unpriced_calls,
    {% for amount in ['cost_usd', 'credit_usd', 'discount_usd'] -%}
        cast(sum({{ amount }}) as {{ money() }}) as {{ amount }}{% if not loop.last %},{% endif %}
    {% endfor %}
from costs
group by all
