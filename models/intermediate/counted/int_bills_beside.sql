-- Where two bills show the same usage of a vendor, what the one beside the ledger's bills more: day by day if both tell days, else by
-- month. What neither rounds to a cent is no difference; a bill that stands for several months is compared with none.
with usage as (

    select
        sums.charge_date,
        {{ month_of('sums.charge_date') }} as month,
        sums.last_charge_date,
        sums.vendor,
        sums.billing_currency,
        sums.source,
        case when books.is_record then sums.source else books.record_source end as record_source,
        books.is_record,
        cast(case when books.is_record then 0 else coalesce(sums.billed_cost, sums.effective_cost) end as {{ money() }}) as beside_cost,
        cast(case when books.is_record then coalesce(sums.billed_cost, sums.effective_cost) else 0 end as {{ money() }}) as counted_cost
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
    where sums.is_usage and not sums.is_explanation and sums.book in ('cloud_bill', 'native_bill', 'invoice', 'cost_report')

),

pairs as (

    select distinct
        month,
        vendor,
        billing_currency,
        source,
        record_source
    from usage
    where not is_record and record_source <> source

),

compared as (

    select
        pairs.*,
        usage.charge_date,
        usage.beside_cost,
        usage.counted_cost,
        usage.is_record,
        max(usage.last_charge_date) over (partition by pairs.month, pairs.vendor, pairs.billing_currency, pairs.source, pairs.record_source)
            as last_date,
        bool_and(usage.last_charge_date = usage.charge_date) over (
            partition by pairs.month, pairs.vendor, pairs.billing_currency, pairs.source, pairs.record_source
        ) as is_daily
    from pairs
    inner join usage
        on
            pairs.month = usage.month
            and pairs.vendor = usage.vendor
            and pairs.billing_currency = usage.billing_currency
            and (pairs.source = usage.source or pairs.record_source = usage.source)
            and pairs.record_source = usage.record_source

)

select
    case when is_daily then charge_date else month end as compared_date,
    source,
    record_source,
    vendor || ': ' || case when is_daily then 'the day' else 'the month' end as subject,
    billing_currency,
    cast(null as bigint) as record_count,
    cast(sum(beside_cost) - sum(counted_cost) as {{ money() }}) as more_cost
from compared
where last_date < cast(month + interval '1' month as date)
group by 1, 2, 3, 4, 5
having abs(sum(beside_cost) - sum(counted_cost)) >= 0.01
