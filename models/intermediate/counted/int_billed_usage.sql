-- What bills and vendors' reports show of what was used, with the bill that is the ledger's.
select
    sums.charge_date,
    sums.last_charge_date,
    {{ month_of('sums.charge_date') }} as month,
    sums.vendor,
    sums.bill_vendor,
    sums.billing_account_id,
    sums.billing_currency,
    sums.source,
    sums.book,
    books.is_record,
    coalesce(books.record_source, sums.source) as record_source,
    cast(sum(coalesce(sums.billed_cost, sums.effective_cost)) as {{ money() }}) as shown_cost
from {{ ref('int_charge_sums') }} as sums
inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
where sums.is_usage and not sums.is_explanation and sums.book in ('cloud_bill', 'native_bill', 'invoice', 'cost_report')
group by all
