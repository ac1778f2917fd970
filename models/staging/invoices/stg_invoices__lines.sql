with source as (

    select * from {{ ref('stg_invoices__numbered') }}

),

counted_once as (

    {{ counted_once(ref('stg_invoices__duplicates')) }}

),

read as (

    select
        *,
        translate(lower(category), '-_', '  ') as kind,
        {{ tokens_of_unit('unit') }} as tokens_of_unit,
        {{ meter_words("concat_ws(' ', service, description)") }} as words
    from counted_once

)

select
    -- Names may hold any sign, so each is hashed by itself.
    md5('invoices|' || md5(vendor) || md5(invoice_id) || md5(line_key) || day) as cost_line_id,
    day as charge_date,
    'invoices' as source,
    _file_hash as file_hash,
    _row as file_row,
    vendor as provider,
    coalesce(service, vendor) as service,
    category as service_category,
    case
        when kind in ('tax', 'taxes', 'sales tax', 'vat', 'gst', 'hst') then 'Tax'
        when kind in ('credit', 'credits', 'promotion', 'promotional credit') then 'Credit'
        when kind in ('refund', 'credit note', 'credit memo', 'adjustment', 'correction', 'rounding') then 'Adjustment'
        when kind in ('licence', 'license', 'licences', 'licenses', 'subscription', 'commitment', 'prepaid') then 'Purchase'
        else 'Usage'
    end as charge_category,
    coalesce(description, service) as charge_description,
    'Recurring' as charge_frequency,
    cast(period_start as timestamp) as charge_period_start,
    coalesce(cast(period_end + 1 as timestamp), cast(period_start as timestamp) + interval '1' month) as charge_period_end,
    cast({{ month_of('day') }} as timestamp) as billing_period_start,
    account as billing_account_id,
    vendor as invoice_issuer,
    invoice_id,
    model,
    {{ untold(
        'publisher', 'charge_class', 'sub_account_id', 'resource_id', 'sku_id', 'region', 'commitment_discount_id',
        'commitment_discount_status',
    ) }},
    -- A line that speaks of input and of output is for both.
    case
        when
            (tokens_of_unit is not null or (unit is null and model is not null))
            and not ({{ has_word('words', ['input']) }} and {{ has_word('words', ['output']) }})
            then {{ meter_token_class('words') }}
    end as token_class,
    {{ attributed_targets('invoices', allocation_targets(), tags='tags') }},
    case when tokens_of_unit is null then quantity else {{ product_of('quantity', 'tokens_of_unit') }} end as consumed_quantity,
    case when tokens_of_unit is null then unit else 'tokens' end as consumed_unit,
    {{ currency_of('currency') }} as billing_currency,
    list_amount as list_cost,
    cast(null as {{ money() }}) as contracted_cost,
    amount as billed_cost,
    amount as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd,
    {{ charge_details(tags='tags') }},
    invoice_date,
    document_hash,
    false as is_explanation
from read
