-- As Google maps this export to FOCUS: what is billed is the cost and all its credits, and what it is worth is the same, since no
-- fee is paid ahead of its month. `credits` tells which of them a margin lives on.
with source as (

    select * from {{ source('raw', 'gcp_billing') }}

),

current_delivery as (

    {{ current_delivery('gcp_billing', 'billing_account_id', 'invoice_month') }}

),

identified as (

    select
        *,
        {{ source_columns_text('gcp_billing') }} as line_text,
        {{ meter_words('sku_description') }} as words,
        cost + {{ sum_of_map('credits') }} as net_cost,
        lower(coalesce(cost_type, 'regular')) as charge_kind,
        -- The fee of a commitment; the credit that offsets it falls on nothing else.
        lower(sku_description) like 'commitment %' or credits['FEE_UTILIZATION_OFFSET'] is not null as is_fee
    from current_delivery

),

described as (

    select
        *,
        case charge_kind
            when 'regular' then case when is_fee then 'Purchase' else 'Usage' end
            when 'tax' then 'Tax'
            else 'Adjustment'
        end as charge_category,
        lower(usage_unit) in ('count', 'requests') and {{ meter_token_class('words') }} is not null
        and (
            {{ has_word('words', ['tokens']) }}
            or lower(service_description) like '%vertex ai%' or lower(service_description) like '%gemini%'
        ) as counts_tokens
    from identified

)

select
    {{ cost_line_id('line_text') }} as cost_line_id,
    day as charge_date,
    'gcp_billing' as source,
    _file_hash as file_hash,
    _row as file_row,
    'Google Cloud' as provider,
    seller_name as publisher,
    service_description as service,
    case when counts_tokens then 'AI and Machine Learning' end as service_category,
    charge_category,
    case when coalesce(adjustment_id, adjustment_mode, adjustment_type) is not null then 'Correction' end as charge_class,
    sku_description as charge_description,
    case charge_category when 'Usage' then 'Usage-Based' when 'Purchase' then 'Recurring' else 'One-Time' end as charge_frequency,
    usage_start_time as charge_period_start,
    coalesce(usage_end_time, usage_start_time + interval '1' day) as charge_period_end,
    cast(invoice_month as timestamp) as billing_period_start,
    billing_account_id,
    project_id as sub_account_id,
    'Google Cloud' as invoice_issuer,
    coalesce(resource_global_name, resource_name) as resource_id,
    sku_id,
    coalesce(region, location_name) as region,
    case when counts_tokens then {{ meter_model('words') }} end as model,
    case when counts_tokens then {{ meter_token_class('words') }} end as token_class,
    {{ untold('invoice_id', 'commitment_discount_id', 'commitment_discount_status') }},
    {{ attributed_targets('gcp_billing', allocation_targets(), tags='labels', metadata='project_labels') }},
    false as is_explanation,
    usage_amount as consumed_quantity,
    case when counts_tokens then 'tokens' else usage_unit end as consumed_unit,
    {{ currency_of('currency') }} as billing_currency,
    cost_at_list as list_cost,
    -- The negotiated price before any credit. Where a commitment to spend lowers the price itself, it is the price without it.
    coalesce(cost_at_effective_price_default, cost) as contracted_cost,
    net_cost as billed_cost,
    net_cost as effective_cost,
    {{ at_ratio('net_cost', '1', 'currency_conversion_rate') }} as stated_cost_usd,
    {{ charge_details(
        tags='labels', sub_account_name='project_name', region_name='location_name', resource_name='resource_name',
        sku_meter='sku_description',
    ) }},
    {{ comma_list([
        'credits', 'cost', 'effective_price', 'currency_conversion_rate', 'project_name', 'transaction_type', 'adjustment_type',
    ]) }}
from described
