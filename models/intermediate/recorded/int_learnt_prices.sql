-- By how much prices that were learnt after the last close change what is accrued for a month: of the models accrued for, all usage now,
-- at the prices of now and of then. What had no price then cost nothing in the statement.
with closed as (

    select max(closed_at) as closed_at
    from {{ ref('stg_ledger__issued_lines') }}

),

accrued as (

    select distinct
        {{ month_of('charge_date') }} as month,
        provider,
        model
    from {{ ref('int_accrued_cost_lines') }}
    where cost_status = 'accrued'

),

known as (

    select
        known.month,
        known.known_from,
        known.known_to,
        coalesce(known.contracted_cost_usd, 0) as cost_usd
    from {{ ref('int_cost_as_known') }} as known
    inner join accrued
        on
            known.month = accrued.month
            and coalesce(known.provider, '') = coalesce(accrued.provider, '')
            and known.model = accrued.model

)

select
    known.month,
    cast(
        sum(case when {{ is_known(now_utc(), 'known') }} then known.cost_usd else 0 end)
        - sum(case when {{ is_known('closed.closed_at', 'known') }} then known.cost_usd else 0 end)
    as {{ money() }}) as learnt_usd
from known
inner join closed on closed.closed_at is not null
group by known.month
