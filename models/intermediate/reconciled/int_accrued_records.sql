-- What is owed by a record of its own until a bill takes its place: seats, what runs on platforms, and what commitments make. What the bill
-- then says of it stands among other charges; only a fee is what was accrued of it.
with records as (

    select
        sums.charge_date,
        {{ month_of('sums.charge_date') }} as month,
        sums.vendor,
        sums.book,
        sums.seats_of,
        books.record_source,
        sum({{ in_usd('sums.effective_cost', 'sums.billing_currency', 'rates.usd_per_unit') }}) as owed_usd
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
    left join {{ ref('int_charge_rates') }} as rates
        on sums.charge_date = rates.charge_date and sums.billing_currency = rates.currency and rates.is_accrued
    where {{ is_accrued_book('sums.book') }} and not sums.is_explanation
    group by all

),

bills as (

    select
        sums.source,
        sums.vendor,
        sums.bill_vendor,
        {{ month_of('sums.charge_date') }} as month,
        sums.is_usage,
        sums.seat_service,
        sums.seat_words,
        max(sums.last_charge_date) as last_charge_date,
        min(arrivals.billed_at) as billed_at
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_bill_arrivals') }} as arrivals on {{ is_arrival_of('sums') }}
    where not {{ is_accrued_book('sums.book') }} and sums.charge_category in ('Usage', 'Purchase') and not sums.is_explanation
    group by all

),

came as (

    select
        records.vendor,
        records.seats_of,
        records.record_source,
        records.month,
        min(bills.billed_at) as billed_at
    from (select distinct {{ comma_list(['vendor', 'book', 'seats_of', 'record_source', 'month']) }} from records) as records
    inner join bills on records.record_source = bills.source and {{ is_month_of('records', 'bills') }}
    where
        records.book = 'platform'
        or (records.vendor in (bills.vendor, bills.bill_vendor) and {{ are_seats_of('records', 'bills') }})
    group by records.vendor, records.seats_of, records.record_source, records.month

)

select
    records.charge_date,
    records.vendor,
    came.billed_at,
    records.owed_usd,
    cast(null as {{ money() }}) as billed_cost_usd
from records
left join came
    on
        records.vendor = came.vendor
        and records.seats_of = came.seats_of
        and records.record_source = came.record_source
        and records.month = came.month
union all
select
    lines.charge_date,
    lines.vendor,
    case when lines.cost_status = 'invoiced' then fees.billed_at end as billed_at,
    lines.effective_cost_usd as owed_usd,
    lines.effective_cost_usd as billed_cost_usd
from {{ ref('int_cost_lines') }} as lines
left join {{ ref('int_fee_arrivals') }} as fees on lines.commitment_discount_id = fees.commitment_id
where lines.source = 'commitments' and (lines.cost_status = 'accrued' or fees.commitment_id is not null)
union all
select
    shortfalls.ends_on - 1 as charge_date,
    shortfalls.vendor,
    shortfalls.billed_at,
    {{ in_usd('shortfalls.short_cost', 'shortfalls.billing_currency', 'rates.usd_per_unit') }} as owed_usd,
    cast(null as {{ money() }}) as billed_cost_usd
from {{ ref('int_shortfalls') }} as shortfalls
left join {{ ref('int_charge_rates') }} as rates
    on shortfalls.ends_on - 1 = rates.charge_date and shortfalls.billing_currency = rates.currency and rates.is_accrued
where shortfalls.is_billed
