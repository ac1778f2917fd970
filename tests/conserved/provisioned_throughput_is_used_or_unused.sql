-- By commitment and day, to the last decimal of its currency: what calls bear and what none does is the day's cost; and the days of a term
-- that is over are its amount.
with ledger as (

    select
        charge_date,
        commitment_discount_id as commitment_id,
        sum(effective_cost) as day_cost,
        sum(case when commitment_discount_status = 'Used' then effective_cost else 0 end) as used_cost
    from {{ ref('fct_cost_lines') }}
    where source = 'commitments'
    group by charge_date, commitment_discount_id

),

calls as (

    select
        call_date,
        commitment_id,
        sum(used_cost) as used_cost
    from {{ ref('int_provisioned_calls') }}
    group by call_date, commitment_id

),

amounts as (

    select
        commitment_id,
        amount
    from {{ ref('int_commitments') }}
    where ends_on <= cast({{ now_utc() }} as date)

)

select
    terms.commitment_id,
    cast(terms.charge_date as varchar) as what
from {{ ref('int_provisioned_days') }} as terms
left join ledger on terms.commitment_id = ledger.commitment_id and terms.charge_date = ledger.charge_date
left join calls on terms.commitment_id = calls.commitment_id and terms.charge_date = calls.call_date
where
    terms.day_cost is distinct from ledger.day_cost
    or coalesce(calls.used_cost, 0) is distinct from ledger.used_cost
union all
select
    terms.commitment_id,
    'term' as what
from {{ ref('int_provisioned_days') }} as terms
inner join amounts on terms.commitment_id = amounts.commitment_id
group by terms.commitment_id, amounts.amount
having sum(terms.day_cost) <> amounts.amount
