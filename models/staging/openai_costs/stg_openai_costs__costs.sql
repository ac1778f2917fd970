with source as (

    select * from {{ source('raw', 'openai_costs') }}

),

current_delivery as (

    {{ counted_once(ref('stg_openai_costs__superseded')) }}

),

identified as (

    -- Equal costs inside one bucket are separate charges, so the id counts them.
    select
        *,
        {{ source_columns_text('openai_costs') }} as line_text
    from current_delivery

)

select
    {{ cost_line_id('line_text') }} as cost_line_id,
    day as charge_date,
    'openai_costs' as source,
    _file_hash as file_hash,
    _row as file_row,
    'OpenAI' as provider,
    coalesce(line_item, 'OpenAI API') as service,
    line_item as charge_description,
    organization_id as billing_account_id,
    project_id as sub_account_id,
    cast(null as varchar) as region,
    -- A line item of tokens is written as model, comma, kind of token.
    case when line_item like '%, %put' or line_item like '%, % input' then {{ before_comma('line_item') }} end as model,
    case
        when lower(line_item) like '%web search%' then 'web_searches'
        else {{ meter_token_class(meter_words(matched_group('line_item', ', ([a-z ]*put)$', 1))) }}
    end as token_class,
    quantity as consumed_quantity,
    case when quantity is not null and line_item like '%put' then 'Tokens' end as consumed_unit,
    {{ currency_of("coalesce(amount_currency, 'usd')") }} as billing_currency,
    'AI and Machine Learning' as service_category,
    'Usage' as charge_category,
    'Usage-Based' as charge_frequency,
    bucket_start as charge_period_start,
    coalesce(bucket_end, bucket_start + interval '1' day) as charge_period_end,
    cast({{ month_of('day') }} as timestamp) as billing_period_start,
    'OpenAI' as invoice_issuer,
    {{ untold(
        'publisher', 'charge_class', 'invoice_id', 'resource_id', 'sku_id', 'commitment_discount_id', 'commitment_discount_status',
    ) }},
    {{ attributed_targets('openai_costs', allocation_targets()) }},
    {{ charge_details() }},
    false as is_explanation,
    -- The report tells what is owed, and neither the public price nor the negotiated one.
    cast(null as {{ money() }}) as list_cost,
    cast(null as {{ money() }}) as contracted_cost,
    amount_value as billed_cost,
    amount_value as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd
from identified
