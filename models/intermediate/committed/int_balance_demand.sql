{{ config(materialized='table') }}

-- What usage of a day a balance may pay for: what a report shows in full, what no bill shows, and what the bill itself draws.
with usage as (

    select
        sums.charge_date,
        sums.vendor,
        sums.billing_account_id,
        coalesce(sums.model, '') as model,
        sums.billing_currency,
        sums.drawn_by,
        sums.commitment_discount_id,
        sums.effective_cost as used_cost
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
    where sums.drawn_by is not null and books.is_record and not sums.is_explanation
    union all
    select
        call_date as charge_date,
        provider as vendor,
        coalesce(account, '') as billing_account_id,
        coalesce(model, '') as model,
        'USD' as billing_currency,
        'balance' as drawn_by,
        cast(null as varchar) as commitment_discount_id,
        contracted_cost_usd as used_cost
    from {{ ref('int_usage_without_bill') }}
    where contracted_cost_usd > 0 and provider is not null

)

select
    md5(concat_ws('|', {{ pool_columns() }}, commitment_discount_id)) as pool_key,
    {{ pool_columns() }},
    commitment_discount_id,
    cast(sum(used_cost) as {{ money() }}) as pool_cost
from usage
where vendor in (select balances.vendor from {{ ref('int_balances') }} as balances)
group by {{ pool_columns() }}, commitment_discount_id
