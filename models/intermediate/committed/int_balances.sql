-- Balances in the order in which they are drawn: what expires first goes first.
with lots as (

    select
        commitment_id,
        kind,
        kind = 'promotional_credit' as is_given,
        lower(trim(vendor)) as vendor,
        account,
        lower(replace(models, ' ', '')) as models,
        amount,
        {{ currency_of('currency') }} as billing_currency,
        valid_from,
        expires,
        least(coalesce(valid_to, date '9999-12-31'), coalesce(expires, date '9999-12-31')) as drawn_until
    from {{ ref('stg_company__commitments') }}
    where kind in ('prepaid', 'promotional_credit')

)

select
    *,
    row_number() over (
        partition by vendor, billing_currency order by coalesce(expires, date '9999-12-31'), valid_from, commitment_id
    ) as turn
from lots
