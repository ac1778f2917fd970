with source as (

    select * from {{ source('raw', 'copilot') }}

),

current_delivery as (

    {{ counted_once(ref('stg_copilot__superseded')) }}

),

identified as (

    select
        *,
        {{ source_columns_text('copilot', without=['enterprise', 'account', 'filtered_by']) }} as line_text
    from current_delivery

)

select
    {{ cost_line_id('line_text') }} as cost_line_id,
    day as charge_date,
    'copilot' as source,
    _file_hash as file_hash,
    _row as file_row,
    'GitHub' as provider,
    coalesce(product, 'Copilot') as service,
    'Business Applications' as service_category,
    'Usage' as charge_category,
    'Usage-Based' as charge_frequency,
    sku as sku_id,
    concat_ws(', ', sku, model) as charge_description,
    cast(day as timestamp) as charge_period_start,
    case
        when period_month is not null and period_day is null then cast({{ month_of('day') }} as timestamp) + interval '1' month
        else cast(day + 1 as timestamp)
    end as charge_period_end,
    cast({{ month_of('day') }} as timestamp) as billing_period_start,
    organization as billing_account_id,
    cost_centre as sub_account_id,
    'GitHub' as invoice_issuer,
    username as resource_id,
    model,
    {{ untold(
        'publisher', 'charge_class', 'invoice_id', 'region', 'token_class', 'commitment_discount_id', 'commitment_discount_status',
    ) }},
    {{ attributed_targets('copilot', allocation_targets()) }},
    quantity as consumed_quantity,
    unit_type as consumed_unit,
    'USD' as billing_currency,
    gross_amount as list_cost,
    net_amount as contracted_cost,
    net_amount as billed_cost,
    net_amount as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd,
    {{ charge_details() }},
    false as is_explanation
from identified
