{{ config(materialized='days', day='charge_date') }}
-- The targets of staged charges follow these rows: depends_on: {{ ref('stg_company__attribution_keys') }}

with invoiced as (

    select
        {{ comma_list(cost_line_columns() | reject('equalto', 'cost_status'), 'charges') }},
        case when {{ is_accrued_book('charges.book') }} then 'accrued' else 'invoiced' end as cost_status
    from {{ ref('int_charges') }} as charges
    inner join {{ ref('int_books_of_record') }} as books
        on
            charges.source = books.source
            and charges.vendor = books.vendor
            and charges.bill_vendor = books.bill_vendor
            and coalesce(charges.billing_account_id, '') = books.billing_account_id
            and {{ is_valid('books', 'charges.charge_date') }}
    where books.is_record and not charges.is_explanation and {{ in_days('charges.charge_date') }}

),

accrued as (

    -- An accrual is what is expected to be billed: it has an effective cost, and no billed one until the bill comes.
    select
        cost_line_id,
        charge_date,
        'metered' as source,
        'accrued' as cost_status,
        provider,
        model as service,
        'AI and Machine Learning' as service_category,
        'Usage' as charge_category,
        token_class || ' of ' || model as charge_description,
        'Usage-Based' as charge_frequency,
        cast(charge_date as timestamp) as charge_period_start,
        cast(charge_date + 1 as timestamp) as charge_period_end,
        cast({{ month_of('charge_date') }} as timestamp) as billing_period_start,
        account as billing_account_id,
        cast(null as bigint) as file_row,
        {% for column in [
            'file_hash', 'publisher', 'charge_class', 'sub_account_id', 'invoice_issuer', 'invoice_id', 'resource_id', 'sku_id', 'region',
            'commitment_discount_id', 'commitment_discount_status',
        ] + target_columns() + attributed_by_columns(allocation_targets()) -%}
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
        contracted_cost as effective_cost,
        cast(null as {{ money() }}) as stated_cost_usd,
        provider as vendor
    from {{ ref('int_accrued_cost_lines') }}
    where {{ in_days('charge_date') }}

),

lines as (

    select {{ comma_list(cost_line_columns()) }} from invoiced
    union all
    select {{ comma_list(cost_line_columns()) }} from accrued

)

-- Each charge at the rate of the day on which it begins. Without one, it has no known amount in USD.
select
    lines.*,
    {{ month_of('lines.charge_date') }} as usage_month,
    {% for basis in cost_bases() -%}
        {{ in_usd('lines.' ~ basis ~ '_cost', 'lines.billing_currency', 'rates.usd_per_unit') }} as {{ basis }}_cost_usd,
    {% endfor -%}
    -- What the charge is by the vendor's own rate, where the bill states one: what our metering is held against.
    case
        when billed_cost_usd is null or lines.billing_currency = 'USD' then billed_cost_usd
        else coalesce(lines.stated_cost_usd, billed_cost_usd)
    end as compared_cost_usd
from lines
left join {{ ref('int_fx_days') }} as rates on lines.charge_date = rates.charge_date and lines.billing_currency = rates.currency
