-- What one unit of the reporting currency is worth in USD, over time.
{%- set currency = currency_of(quoted(var('reporting_currency'))) %}
select
    currency,
    usd_per_unit,
    valid_from,
    valid_to
from {{ ref('stg_company__fx_rates') }}
where currency = {{ currency }}
union all
select
    'USD' as currency,
    cast(1 as decimal(18, 12)) as usd_per_unit,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to
where {{ currency }} = 'USD'
