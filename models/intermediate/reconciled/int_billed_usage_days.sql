{{ config(materialized="table") }}

-- The days for which a vendor's book of record shows its usage, and since when: nothing is accrued for them. A discount on
-- it shows none, and may be for a month whose last days no bill shows yet.
with lines as (

    select distinct
        sums.vendor as provider,
        sums.charge_date,
        sums.last_charge_date,
        arrivals.billed_at
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
    inner join {{ ref('int_bill_arrivals') }} as arrivals on {{ is_arrival_of('sums') }}
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
