-- A line of an AWS report may be two charges: together they bill what the line bills, at the same list cost.
with landed as (

    select
        charge_date,
        billing_currency,
        count(*) as lines,
        sum(unblended_cost) as billed_cost,
        sum(public_on_demand_cost) as list_cost
    from {{ ref('stg_aws_cur__lines') }}
    where {{ in_unpublished_days(ref('fct_cost_lines'), 'charge_date') }}
    group by charge_date, billing_currency

),

charged as (

    select
        charge_date,
        billing_currency,
        count(distinct line_id) as lines,
        sum(billed_cost) as billed_cost,
        sum(list_cost) as list_cost
    from {{ ref('stg_aws_cur__charges') }}
    where {{ in_unpublished_days(ref('fct_cost_lines'), 'charge_date') }}
    group by charge_date, billing_currency

)

select *
from landed
full outer join charged
    on landed.charge_date = charged.charge_date and coalesce(landed.billing_currency, '') = coalesce(charged.billing_currency, '')
where
    landed.lines is distinct from charged.lines
    or landed.billed_cost is distinct from charged.billed_cost
    or coalesce(landed.list_cost, 0) <> coalesce(charged.list_cost, 0)
