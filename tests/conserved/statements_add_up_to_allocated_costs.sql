-- Law 6: by usage month, team and status the statements equal the allocated costs exactly, whatever was issued when.
with statement as (

    select
        usage_month,
        team,
        cost_status,
        sum(amount_usd) as amount_usd,
        sum(billed_cost_usd) as billed_cost_usd
    from {{ ref('chargeback_statement') }}
    group by usage_month, team, cost_status

),

allocated as (

    select
        usage_month,
        team,
        cost_status,
        sum(effective_cost_usd) as amount_usd,
        sum(billed_cost_usd) as billed_cost_usd
    from {{ ref('fct_allocated_costs') }}
    group by usage_month, team, cost_status

)

select *
from statement
full outer join allocated
    on statement.usage_month = allocated.usage_month and statement.team = allocated.team and statement.cost_status = allocated.cost_status
where
    -- What was issued and is no more adds up to zero, and is not among the allocated costs.
    coalesce(statement.amount_usd, 0) <> coalesce(allocated.amount_usd, 0)
    or coalesce(statement.billed_cost_usd, 0) <> coalesce(allocated.billed_cost_usd, 0)
    or (statement.team is null)
