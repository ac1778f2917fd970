{{ config(materialized="table") }}

-- The days for which a vendor's book of record shows its usage, and since when: nothing is accrued for them. A discount on
-- it shows none, and may be for a month whose last days no bill shows yet.
with deliveries as (

    select
        source,
        charge_date,
        billing_account_id,
        min(delivered_at) as delivered_at
    from {{ ref('stg_files__deliveries') }}
    group by source, charge_date, billing_account_id

),

lines as (

    select distinct
        sums.vendor as provider,
        sums.charge_date,
        sums.last_charge_date,
        coalesce(deliveries.delivered_at, arrivals.first_seen_at) as billed_at
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
    left join deliveries
        on
            sums.source = deliveries.source
            and sums.charge_date = deliveries.charge_date
            and sums.billing_account_id = deliveries.billing_account_id
    left join {{ ref('stg_files__arrivals') }} as arrivals on sums.source = arrivals.source and sums.charge_date = arrivals.charge_date
    where
        sums.is_usage
        and sums.charge_class is distinct from 'Correction'
        and sums.billed_cost >= 0
        and not sums.is_explanation
        and books.is_record
        and not {{ is_accrued_book('sums.book') }}

)

select
    lines.provider,
    days.charge_date as call_date,
    min(lines.billed_at) as billed_at
from lines,
    {{ each_day('lines.charge_date', 'lines.last_charge_date', 'days', 'charge_date') }}
group by lines.provider, days.charge_date
