{{ config(materialized='days', day='charge_date') }}
-- The targets of staged charges follow these rows: depends_on: {{ ref('stg_company__attribution_keys') }}

with invoiced as (

    select
        cost_line_id,
        charge_date,
        source,
        'invoiced' as cost_status,
        file_hash,
        file_row,
        provider,
        service,
        service_category,
        charge_category,
        charge_class,
        charge_description,
        charge_frequency,
        charge_period_start,
        charge_period_end,
        billing_period_start,
        billing_account_id,
        sub_account_id,
        invoice_issuer,
        invoice_id,
        resource_id,
        sku_id,
        region,
        commitment_discount_id,
        commitment_discount_status,
        {{ targets() }},
        cast(null as varchar) as model,
        cast(null as varchar) as token_class,
        consumed_quantity,
        consumed_unit,
        billing_currency,
        list_cost,
        contracted_cost,
        billed_cost,
        effective_cost
    from {{ ref('stg_focus__cost_lines') }}
    where {{ in_days('charge_date') }}

),

accrued as (

    -- An accrual is what is expected to be billed: it has an effective cost, and no billed one until the bill comes.
    select
        cost_line_id,
        charge_date,
        'metered' as source,
        'accrued' as cost_status,
        cast(null as varchar) as file_hash,
        cast(null as bigint) as file_row,
        provider,
        model as service,
        'AI and Machine Learning' as service_category,
        'Usage' as charge_category,
        cast(null as varchar) as charge_class,
        token_class || ' of ' || model as charge_description,
        'Usage-Based' as charge_frequency,
        cast(charge_date as timestamp) as charge_period_start,
        cast(charge_date + 1 as timestamp) as charge_period_end,
        cast({{ month_of('charge_date') }} as timestamp) as billing_period_start,
        account as billing_account_id,
        {% for column in [
            'sub_account_id', 'invoice_issuer', 'invoice_id', 'resource_id', 'sku_id', 'region', 'commitment_discount_id',
            'commitment_discount_status',
        ] + target_columns() -%}
            cast(null as varchar) as {{ column }},
        {% endfor -%}
        model,
        token_class,
        consumed_quantity,
        case
            when token_class in ('requests', 'web_searches', 'seconds', 'images', 'characters') then token_class
            else 'tokens'
        end as consumed_unit,
        'USD' as billing_currency,
        list_cost,
        contracted_cost,
        cast(null as {{ money() }}) as billed_cost,
        contracted_cost as effective_cost
    from {{ ref('int_accrued_cost_lines') }}
    where {{ in_days('charge_date') }}

),

lines as (

    select * from invoiced
    union all
    select * from accrued

)

select
    *,
    {{ month_of('charge_date') }} as usage_month,
    {% for basis in cost_bases() -%}
        -- Without a rate, what is billed in another currency has no known amount in USD.
        case when billing_currency = 'USD' then {{ basis }}_cost end as {{ basis }}_cost_usd{% if not loop.last %},{% endif %}
    {% endfor %}
from lines
