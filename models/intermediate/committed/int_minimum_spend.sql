-- What counts towards a minimum, on the last day that it is for: what is billed for usage of its term, and what is not billed yet. What
-- a bill adds to reach the minimum does not.
with spend as (

    select
        greatest(sums.charge_date, least(sums.last_charge_date, cast({{ now_utc() }} as date) - 1)) as charge_date,
        sums.vendor,
        sums.billing_account_id,
        sums.billing_currency,
        sums.billed_cost as spent
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books
        on
            sums.source = books.source
            and sums.vendor = books.vendor
            and sums.bill_vendor = books.bill_vendor
            and sums.billing_account_id = books.billing_account_id
            and {{ is_valid('books', 'sums.charge_date') }}
    where sums.charge_category = 'Usage' and not sums.is_shortfall and books.is_record and not sums.is_explanation
    union all
    select
        call_date as charge_date,
        provider as vendor,
        coalesce(account, '') as billing_account_id,
        'USD' as billing_currency,
        contracted_cost_usd as spent
    from {{ ref('int_usage_without_bill') }}

)

select
    minimums.commitment_id,
    spend.charge_date,
    minimums.amount,
    cast(sum(spend.spent) as {{ money() }}) as spent_on_day,
    cast(sum(sum(spend.spent)) over (partition by minimums.commitment_id order by spend.charge_date) as {{ money() }}) as spent_until
from {{ ref('int_commitments') }} as minimums
inner join spend
    on
        minimums.vendor = spend.vendor
        and minimums.billing_currency = spend.billing_currency
        and coalesce(minimums.account, spend.billing_account_id) = spend.billing_account_id
        and minimums.valid_from <= spend.charge_date
        and minimums.ends_on > spend.charge_date
where minimums.kind = 'spend_minimum' and spend.spent is not null
group by minimums.commitment_id, spend.charge_date, minimums.amount
