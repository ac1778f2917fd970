with source as (

    select * from {{ source('raw', 'licences') }}

),

current_delivery as (

    {{ current_delivery('licences', 'vendor', 'period_start') }}

),

identified as (

    select
        *,
        {{ source_columns_text('licences') }} as line_text,
        cast(cast(seats as decimal(10, 0)) * cast(unit_price as decimal(28, 18)) as {{ money() }}) as seats_cost
    from current_delivery

)

select
    {{ cost_line_id('line_text') }} as cost_line_id,
    day as charge_date,
    'licences' as source,
    _file_hash as file_hash,
    _row as file_row,
    vendor as provider,
    coalesce(product, vendor) as service,
    'Business Applications' as service_category,
    'Purchase' as charge_category,
    'Recurring' as charge_frequency,
    sku as sku_id,
    seats || ' seats of ' || coalesce(product, vendor) as charge_description,
    cast(period_start as timestamp) as charge_period_start,
    coalesce(cast(period_end + 1 as timestamp), cast(period_start as timestamp) + interval '1' month) as charge_period_end,
    cast({{ month_of('day') }} as timestamp) as billing_period_start,
    vendor as invoice_issuer,
    {{ untold(
        'publisher', 'charge_class', 'billing_account_id', 'sub_account_id', 'invoice_id', 'resource_id', 'region', 'model', 'token_class',
        'commitment_discount_id', 'commitment_discount_status',
    ) }},
    {{ attributed_targets('licences', allocation_targets(), tags='tags') }},
    cast(seats as {{ money() }}) as consumed_quantity,
    'Seats' as consumed_unit,
    {{ currency_of('currency') }} as billing_currency,
    cast(null as {{ money() }}) as list_cost,
    seats_cost as contracted_cost,
    -- What seats cost is known; that it was billed, only an invoice says.
    cast(null as {{ money() }}) as billed_cost,
    seats_cost as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd,
    {{ charge_details(tags='tags', contracted_unit_price='unit_price') }},
    active_seats,
    unit_price as seat_price,
    ai_share,
    false as is_explanation
from identified
