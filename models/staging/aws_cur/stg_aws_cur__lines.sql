with source as (

    select * from {{ source('raw', 'aws_cur') }}

),

current_delivery as (

    -- A newer report of a payer's billing period replaces the older one.
    {{ current_delivery('aws_cur', 'bill_payer_account_id', 'bill_billing_period_start_date') }}

),

identified as (

    -- Equal lines inside one bill are separate charges, so the id counts them.
    select
        *,
        {{ source_columns_text('aws_cur') }} as line_text,
        coalesce(
            product_product_name, product['product_name'], product['servicename'], product_servicecode, line_item_product_code
        ) as service,
        -- The marketplace's unit is `Units`, and the line's description says of what.
        {{ tokens_of_unit("case when lower(pricing_unit) = 'units' then line_item_line_item_description else pricing_unit end") }}
            as tokens_of_unit
    from current_delivery

)

select
    {{ cost_line_id('line_text') }} as line_id,
    day as charge_date,
    'aws_cur' as source,
    _file_hash as file_hash,
    _row as file_row,
    line_item_line_item_type as line_item_type,
    'AWS' as provider,
    line_item_legal_entity as publisher,
    service,
    line_item_product_code as product_code,
    line_item_usage_type as usage_type,
    line_item_operation as usage_operation,
    line_item_line_item_description as charge_description,
    line_item_usage_start_date as charge_period_start,
    line_item_usage_end_date as charge_period_end,
    bill_billing_period_start_date as billing_period_start,
    bill_payer_account_id as billing_account_id,
    line_item_usage_account_id as sub_account_id,
    line_item_iam_principal as iam_principal,
    bill_invoicing_entity as invoice_issuer,
    bill_invoice_id as invoice_id,
    line_item_resource_id as resource_id,
    product_sku as sku_id,
    coalesce(product_region_code, product_region, product['region']) as region,
    {{ aws_model('line_item_resource_id', 'line_item_usage_type', 'service') }} as model,
    {{ aws_token_class('line_item_usage_type') }} as token_class,
    coalesce(savings_plan_savings_plan_a_r_n, reservation_reservation_a_r_n) as commitment_discount_id,
    {{ attributed_targets('aws_cur', allocation_targets(), tags='resource_tags', metadata='tags') }},
    {{ charge_details(
        billing_period_end='bill_billing_period_end_date', tags='resource_tags', billing_account_name='bill_payer_account_name',
        sub_account_name='line_item_usage_account_name', resource_type='product_product_family', sku_meter='line_item_usage_type',
        availability_zone='line_item_availability_zone', sku_price_id='pricing_rate_code', pricing_unit='pricing_unit',
        pricing_quantity='line_item_usage_amount',
    ) }},
    cost_category,
    discount as discounts,
    product as product_attributes,
    case
        when tokens_of_unit is null then line_item_usage_amount else {{ product_of('line_item_usage_amount', 'tokens_of_unit') }}
    end as quantity,
    case when tokens_of_unit is null then pricing_unit else 'tokens' end as unit,
    {{ currency_of('line_item_currency_code') }} as billing_currency,
    line_item_unblended_cost as unblended_cost,
    line_item_net_unblended_cost as net_unblended_cost,
    -- Where AWS has no public rate it writes a cost of zero, which is not known.
    case
        when pricing_public_on_demand_rate is not null or pricing_public_on_demand_cost <> 0 then pricing_public_on_demand_cost
    end as public_on_demand_cost,
    reservation_effective_cost,
    savings_plan_savings_plan_effective_cost as savings_plan_effective_cost,
    case
        when line_item_line_item_type = 'SavingsPlanRecurringFee' then savings_plan_total_commitment_to_date - savings_plan_used_commitment
        when coalesce(reservation_unused_amortized_upfront_fee_for_billing_period, reservation_unused_recurring_fee) is not null
            then coalesce(reservation_unused_amortized_upfront_fee_for_billing_period, 0) + coalesce(reservation_unused_recurring_fee, 0)
    end as unused_cost
from identified
