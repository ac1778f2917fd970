with source as (

    select * from {{ source('raw', 'anthropic_cost') }}

),

current_delivery as (

    {{ counted_once(ref('stg_anthropic_cost__superseded')) }}

),

identified as (

    -- Equal costs inside one bucket are separate charges, so the id counts them.
    select
        *,
        {{ source_columns_text('anthropic_cost') }} as line_text
    from current_delivery

)

select
    {{ cost_line_id('line_text') }} as cost_line_id,
    day as charge_date,
    'anthropic_cost' as source,
    _file_hash as file_hash,
    _row as file_row,
    'Anthropic' as provider,
    coalesce('Claude API: ' || cost_type, 'Claude API') as service,
    description as charge_description,
    cast(null as varchar) as billing_account_id,
    workspace_id as sub_account_id,
    inference_geo as region,
    model,
    case
        when cost_type = 'web_search' then 'web_searches'
        when token_type = 'uncached_input_tokens' then 'input_uncached'
        when token_type = 'output_tokens' then 'output'
        when token_type = 'cache_read_input_tokens' then 'cache_read'
        when token_type = 'cache_creation.ephemeral_5m_input_tokens' then 'cache_write_5m'
        when token_type = 'cache_creation.ephemeral_1h_input_tokens' then 'cache_write_1h'
    end as token_class,
    cast(null as {{ money() }}) as consumed_quantity,
    cast(null as varchar) as consumed_unit,
    {{ currency_of("coalesce(currency, 'USD')") }} as billing_currency,
    'AI and Machine Learning' as service_category,
    'Usage' as charge_category,
    'Usage-Based' as charge_frequency,
    bucket_start as charge_period_start,
    coalesce(bucket_end, bucket_start + interval '1' day) as charge_period_end,
    cast({{ month_of('day') }} as timestamp) as billing_period_start,
    'Anthropic' as invoice_issuer,
    {{ untold(
        'publisher', 'charge_class', 'invoice_id', 'resource_id', 'sku_id', 'commitment_discount_id', 'commitment_discount_status',
    ) }},
    {{ attributed_targets('anthropic_cost', allocation_targets()) }},
    {{ charge_details() }},
    false as is_explanation,
    -- The report tells what is owed, and neither the public price nor the negotiated one.
    cast(null as {{ money() }}) as list_cost,
    cast(null as {{ money() }}) as contracted_cost,
    cast(amount_cents * 0.01 as {{ money() }}) as billed_cost,
    cast(amount_cents * 0.01 as {{ money() }}) as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd
from identified
