-- What counts towards a minimum, on the last day that it is for: what is billed for usage of its term, and what is not billed yet. What
-- a bill adds to reach the minimum does not. What is spent in another currency counts by the day's rate; without one it is not known.
with spend as (

    select
        greatest(sums.charge_date, least(sums.last_charge_date, cast({{ now_utc() }} as date) - 1)) as charge_date,
        sums.vendor,
        sums.billing_account_id,
        sums.billing_currency,
        sums.billed_cost as spent
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
    where sums.charge_category = 'Usage' and not sums.is_shortfall and books.is_record and not sums.is_explanation
    union all
    select
        call_date as charge_date,
        provider as vendor,
        coalesce(account, '') as billing_account_id,
        'USD' as billing_currency,
        contracted_cost_usd as spent
    from {{ ref('int_usage_without_bill') }}

),

rates as (

    select
        currency,
        usd_per_unit,
        valid_from,
        valid_to
    from {{ ref('stg_company__fx_rates') }}
    union all
    select
        'USD' as currency,
        1 as usd_per_unit,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to

),

counted as (

    select
        minimums.commitment_id,
        minimums.amount,
        spend.charge_date,
        case
            when minimums.billing_currency = spend.billing_currency then spend.spent
            else
                cast(
                    cast(spend.spent as double) * (cast(theirs.usd_per_unit as double) / cast(ours.usd_per_unit as double)) as {{ money() }}
                )
        end as spent
    from {{ ref('int_commitments') }} as minimums
    inner join spend
        on
            minimums.vendor = spend.vendor
            and coalesce(minimums.account, spend.billing_account_id) = spend.billing_account_id
            and minimums.valid_from <= spend.charge_date
            and minimums.ends_on > spend.charge_date
    left join rates as ours on minimums.billing_currency = ours.currency and {{ is_valid('ours', 'spend.charge_date') }}
    left join rates as theirs on spend.billing_currency = theirs.currency and {{ is_valid('theirs', 'spend.charge_date') }}
    where minimums.kind = 'spend_minimum' and spend.spent is not null

)

select
    commitment_id,
    charge_date,
    amount,
    count(*) = count(spent) as is_known,
    cast(coalesce(sum(spent), 0) as {{ money() }}) as spent_on_day,
    cast(sum(coalesce(sum(spent), 0)) over (partition by commitment_id order by charge_date) as {{ money() }}) as spent_until
from counted
group by commitment_id, charge_date, amount
