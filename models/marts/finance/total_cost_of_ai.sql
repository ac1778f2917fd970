with charged as (

    select
        usage_month as month,
        case scope when 'ai' then category when 'not_ai' then '(not AI)' else '(undecided)' end as category,
        purpose,
        false as is_imputed,
        count(*) as charge_count,
        count(*) filter (where billed_cost_usd is null) as unbilled_count,
        count(*) filter (where effective_cost_usd is null) as unknown_count,
        min(case when effective_cost_usd is null then coalesce(
            case when effective_cost is not null then 'no exchange rate for ' || billing_currency end, 'the bill tells no effective cost'
        ) end) as unknown_reason,
        {% for scope in ['ai', 'undecided', 'not_ai'] -%}
            {% for basis in ['billed', 'effective'] -%}
                sum({{ basis }}_cost_usd) filter (where scope = '{{ scope }}') as {{ scope }}_{{ basis }}_usd,
            {% endfor -%}
        {% endfor -%}
        cast(null as {{ money() }}) as imputed_cost_usd
    from {{ ref('int_scoped_costs') }}
    group by month, category, purpose, is_imputed, scope

),

worked as (

    select
        effort_month as month,
        'human work' as category,
        cast(null as varchar) as purpose,
        true as is_imputed,
        0 as charge_count,
        0 as unbilled_count,
        count(*) filter (where imputed_cost_usd is null) as unknown_count,
        min(cost_missing_reason) as unknown_reason,
        {% for scope in ['ai', 'undecided', 'not_ai'] -%}
            {% for basis in ['billed', 'effective'] -%}
                cast(null as {{ money() }}) as {{ scope }}_{{ basis }}_usd,
            {% endfor -%}
        {% endfor -%}
        sum(imputed_cost_usd) as imputed_cost_usd
    from {{ ref('int_human_work') }}
    group by month

),

every_category as (

    select * from charged
    union all
    select * from worked

)

select
    md5(month || '|' || category || '|' || coalesce(purpose, '')) as total_cost_of_ai_key,
    month,
    category,
    purpose,
    is_imputed,
    unknown_reason,
    cast(charge_count as bigint) as charge_count,
    cast(unbilled_count as bigint) as unbilled_count,
    cast(unknown_count as bigint) as unknown_count,
    cast(ai_billed_usd as {{ money() }}) as billed_cost_usd,
    cast(ai_effective_usd as {{ money() }}) as effective_cost_usd,
    cast(undecided_billed_usd as {{ money() }}) as undecided_billed_cost_usd,
    cast(undecided_effective_usd as {{ money() }}) as undecided_effective_cost_usd,
    cast(not_ai_billed_usd as {{ money() }}) as not_ai_billed_cost_usd,
    cast(not_ai_effective_usd as {{ money() }}) as not_ai_effective_cost_usd,
    cast(imputed_cost_usd as {{ money() }}) as imputed_cost_usd
from every_category
