-- Law 1: of each team's and vendor's month that has begun, the whole effective cost in USD, as allocated and as in the ledger.
with spent as (

    select
        'team' as scope_type,
        team as scope,
        usage_month as month,
        sum(effective_cost_usd) as spent_usd
    from {{ ref('fct_allocated_costs') }}
    group by team, usage_month
    union all
    select
        'vendor' as scope_type,
        vendor as scope,
        usage_month as month,
        sum(effective_cost_usd) as spent_usd
    from {{ ref('fct_cost_lines') }}
    group by vendor, usage_month

)

select *
from {{ ref('budget_variance') }} as compared
left join spent on compared.scope_type = spent.scope_type and compared.scope = spent.scope and compared.month = spent.month
where
    compared.scope_type in ('team', 'vendor')
    and compared.actual_usd is not null
    and compared.actual_usd <> coalesce(spent.spent_usd, 0)
