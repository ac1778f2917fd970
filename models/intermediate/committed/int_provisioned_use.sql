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
    terms.commitment_id,
    terms.vendor,
    terms.account,
    terms.billing_currency,
    terms.charge_date,
    terms.is_billed,
    'Used' as commitment_discount_status,
    used.used_cost as day_cost,
    case when terms.billing_currency = 'USD' then used.list_cost_usd end as list_cost,
    case when terms.billing_currency = 'USD' then used.contracted_cost_usd end as contracted_cost
from {{ ref('int_provisioned_days') }} as terms
inner join used on terms.commitment_id = used.commitment_id and terms.charge_date = used.call_date
where used.used_cost > 0
union all
select
    terms.commitment_id,
    terms.vendor,
    terms.account,
    terms.billing_currency,
    terms.charge_date,
    terms.is_billed,
    'Unused' as commitment_discount_status,
    terms.day_cost - coalesce(used.used_cost, 0) as day_cost,
    {{ unknown_amounts('list_cost', 'contracted_cost') }}
from {{ ref('int_provisioned_days') }} as terms
left join used on terms.commitment_id = used.commitment_id and terms.charge_date = used.call_date
where terms.day_cost > coalesce(used.used_cost, 0)
