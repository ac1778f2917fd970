-- A day's cost in two parts: what calls bear, and what none does. List and contracted cost are in USD alone.
with used as (

    select
        commitment_id,
        call_date,
        cast(sum(used_cost) as {{ money() }}) as used_cost,
        cast(sum(list_cost_usd) as {{ money() }}) as list_cost_usd,
        cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd
    from {{ ref('int_provisioned_calls') }}
    group by commitment_id, call_date

)

select
    days.commitment_id,
    days.vendor,
    days.account,
    days.billing_currency,
    days.charge_date,
    days.is_billed,
    'Used' as commitment_discount_status,
    used.used_cost as day_cost,
    case when days.billing_currency = 'USD' then used.list_cost_usd end as list_cost,
    case when days.billing_currency = 'USD' then used.contracted_cost_usd end as contracted_cost
from {{ ref('int_provisioned_days') }} as days
inner join used on days.commitment_id = used.commitment_id and days.charge_date = used.call_date
where used.used_cost > 0
union all
select
    days.commitment_id,
    days.vendor,
    days.account,
    days.billing_currency,
    days.charge_date,
    days.is_billed,
    'Unused' as commitment_discount_status,
    days.day_cost - coalesce(used.used_cost, 0) as day_cost,
    {{ unknown_amounts('list_cost', 'contracted_cost') }}
from {{ ref('int_provisioned_days') }} as days
left join used on days.commitment_id = used.commitment_id and days.charge_date = used.call_date
where days.day_cost > coalesce(used.used_cost, 0)
