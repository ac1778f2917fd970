with source as (

    select * from {{ source('raw', 'oci_cost') }}

),

counted_once as (

    {{ counted_once(ref('stg_oci_cost__duplicates')) }}

)

select
    md5('oci_cost|' || reference_no || '|' || day) as cost_line_id,
    day as charge_date,
    'oci_cost' as source,
    _file_hash as file_hash,
    _row as file_row,
    'Oracle' as provider,
    service,
    'Usage' as charge_category,
    -- A correction adds to the line that it names, and both stay.
    case when lower(is_correction) = 'true' then 'Correction' end as charge_class,
    description as charge_description,
    'Usage-Based' as charge_frequency,
    usage_start as charge_period_start,
    usage_end as charge_period_end,
    cast({{ month_of('day') }} as timestamp) as billing_period_start,
    tenant_id as billing_account_id,
    compartment_id as sub_account_id,
    'Oracle' as invoice_issuer,
    resource_id,
    product_sku as sku_id,
    region,
    {{ untold(
        'publisher', 'service_category', 'invoice_id', 'model', 'token_class', 'commitment_discount_id', 'commitment_discount_status',
    ) }},
    {{ attributed_targets('oci_cost', allocation_targets(), tags='tags') }},
    false as is_explanation,
    billed_quantity as consumed_quantity,
    billing_unit as consumed_unit,
    {{ currency_of('currency') }} as billing_currency,
    -- The report holds what the tenant pays, at its own prices; it knows no public ones.
    cast(null as {{ money() }}) as list_cost,
    my_cost as contracted_cost,
    my_cost as billed_cost,
    my_cost as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd,
    {{ charge_details(
        tags='tags', sub_account_name='compartment_name', availability_zone='availability_domain', contracted_unit_price='unit_price',
    ) }},
    backreference_no
from counted_once
