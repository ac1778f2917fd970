{{ config(materialized='days', day='charge_date') }}

-- Purchases and refunds stand one by one, since a balance may be bought or paid back with one; and what a balance may pay for, by model.
with charges as (

    select
        charges.*,
        {{ drawn_by('charges') }} as drawn_by,
        charges.charge_category = 'Purchase' or (charges.charge_category = 'Adjustment' and charges.billed_cost < 0) as is_purchase,
        {{ is_named('minimum_or_shortfall', 'charges') }} as is_shortfall
    from {{ ref('int_charges') }} as charges
    where {{ in_days('charge_date') }}

)

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
    is_shortfall,
    drawn_by,
    case when drawn_by is not null then model end as model,
    case when drawn_by is not null then commitment_discount_id end as commitment_discount_id,
    case when is_purchase then cost_line_id end as purchase_line_id,
    case when is_purchase then lower(concat_ws(' ', commitment_discount_id, service, charge_description)) end as purchase_words,
    billing_currency,
    count(*) as line_count,
    {% for basis in cost_bases() -%}
        cast(sum({{ basis }}_cost) as {{ money() }}) as {{ basis }}_cost{% if not loop.last %},{% endif %}
    {% endfor %}
from charges
group by all
