-- Law 6: by usage month the statement equals the allocated costs exactly.
with statement as (

    select
        usage_month,
        sum(amount_usd) as amount_usd,
        sum(billed_cost_usd) as billed_cost_usd
    from {{ ref('chargeback_statement') }}
    group by usage_month

),

allocated as (

    select
        usage_month,
        sum(effective_cost_usd) as amount_usd,
        sum(billed_cost_usd) as billed_cost_usd
    from {{ ref('fct_allocated_costs') }}
    group by usage_month

)

select *
from statement
full outer join allocated on statement.usage_month = allocated.usage_month
where
    statement.amount_usd is distinct from allocated.amount_usd
    or statement.billed_cost_usd is distinct from allocated.billed_cost_usd
