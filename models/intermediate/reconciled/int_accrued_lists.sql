-- Seats, and what runs on platforms, by day of their own record, until a bill takes its place. What the bill then says of them stands among
-- other charges; what their currency is worth otherwise then is `fx`.
{%- set book = ['source', 'book', 'vendor', 'bill_vendor', 'billing_account_id'] %}
{%- set ranks = ['book_rank', 'is_told_by_node', 'has_seats'] %}
{%- set told = ['source', 'vendor', 'charge_date', 'billing_currency'] %}
{%- set record = book + ['seats_of', 'month', 'record_source', 'billing_currency'] %}
with records as (

    select
        sums.charge_date,
        {{ month_of('sums.charge_date') }} as month,
        {{ comma_list(book + ['seats_of', 'billing_currency'], 'sums') }},
        {{ comma_list(ranks + ['record_source'], 'books') }},
        sum(sums.effective_cost) as owed_cost,
        sum({{ in_usd('sums.effective_cost', 'sums.billing_currency', 'rates.usd_per_unit') }}) as owed_usd,
        min(arrivals.billed_at) as known_at
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
    left join {{ ref('int_bill_arrivals') }} as arrivals on {{ is_arrival_of('sums') }}
    left join {{ ref('int_charge_rates') }} as rates
        on sums.charge_date = rates.charge_date and sums.billing_currency = rates.currency and rates.is_accrued
    where {{ is_accrued_book('sums.book') }} and not sums.is_explanation
    group by all

),

rates_of_bills as (

    select
        {{ comma_list(told) }},
        coalesce(billing_account_id, '') as billing_account_id,
        {{ joint_rate('usd_per_unit', 'billed_cost') }} as usd_per_unit
    from {{ ref('int_cost_lines') }}
    where cost_status = 'invoiced' and billing_currency <> 'USD'
    group by {{ comma_list(told) }}, coalesce(billing_account_id, '')

),

bills as (

    select
        {{ comma_list(book + ['billing_currency', 'is_usage', 'seat_service', 'seat_words', 'node_cluster'], 'sums') }},
        {{ comma_list(ranks, 'books') }},
        {{ month_of('sums.charge_date') }} as month,
        max(sums.last_charge_date) as last_charge_date,
        sum({{ as_weight('abs(sums.billed_cost)') }}) as billed_cost,
        {{ joint_rate('rates.usd_per_unit', 'sums.billed_cost') }} as usd_per_unit,
        min(arrivals.billed_at) as billed_at
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
    inner join {{ ref('int_bill_arrivals') }} as arrivals on {{ is_arrival_of('sums') }}
    left join rates_of_bills as rates on {{ same_columns_of('sums', 'rates', told + ['billing_account_id']) }}
    where not {{ is_accrued_book('sums.book') }} and sums.charge_category in ('Usage', 'Purchase') and not sums.is_explanation
    group by all

),

came as (

    select
        {{ comma_list(record, 'records') }},
        bool_and(records.billing_currency = bills.billing_currency) as is_in_its_currency,
        {{ joint_rate('bills.usd_per_unit', 'bills.billed_cost') }} as usd_per_unit,
        min(bills.billed_at) as billed_at
    from (select distinct {{ comma_list(record + ranks) }} from records) as records
    inner join bills
        on
            records.record_source = bills.source
            and {{ is_month_of('records', 'bills') }}
            and {{ is_shown_by('records', 'bills') }}
    group by {{ comma_list(record, 'records') }}

)

select
    {{ comma_list(['charge_date', 'vendor'], 'records') }},
    records.known_at,
    came.billed_at,
    records.owed_usd,
    case when came.is_in_its_currency
        then {{ in_usd('records.owed_cost', 'records.billing_currency', 'came.usd_per_unit') }} - records.owed_usd
    end as fx_usd
from records
left join came on {{ same_columns_of('records', 'came', record) }}
