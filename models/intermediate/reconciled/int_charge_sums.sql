{{ config(materialized='days', day='charge_date') }}

select
    charge_date,
    {{ last_day_of('charge_period_start', 'charge_period_end') }} as last_charge_date,
    source,
    book,
    vendor,
    bill_vendor,
    coalesce(billing_account_id, '') as billing_account_id,
    charge_category,
    charge_class,
    is_explanation,
    billing_currency,
    count(*) as line_count,
    {% for basis in cost_bases() -%}
        cast(sum({{ basis }}_cost) as {{ money() }}) as {{ basis }}_cost{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('int_charges') }}
where {{ in_days('charge_date') }}
group by all
