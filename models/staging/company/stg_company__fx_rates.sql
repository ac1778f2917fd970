with rates as (

    select * from {{ company_rows('fx_rates') }}

)

select
    {{ currency_of('currency') }} as currency,
    usd_per_unit,
    valid_from,
    coalesce(valid_to, lead(valid_from) over (
        partition by {{ currency_of('currency') }} order by coalesce(valid_from, date '1900-01-01'), usd_per_unit
    )) as valid_to,
    owner,
    approved_by,
    reason
from rates
