select
    commitment_id,
    kind,
    kind = 'promotional_credit' as is_given,
    {{ provider_of('vendor') }} as vendor,
    account,
    lower(replace(models, ' ', '')) as models,
    {{ currency_of('currency') }} as billing_currency,
    valid_from,
    case when kind in ('prepaid', 'promotional_credit') then expires else valid_to end as ends_on,
    least(coalesce(valid_to, date '9999-12-31'), coalesce(expires, date '9999-12-31')) as used_until,
    amount,
    capacity
from {{ ref('stg_company__commitments') }}
