with source as (

    select * from {{ source('raw', 'opencost') }}

),

current_delivery as (

    {{ counted_once(ref('stg_opencost__superseded')) }}

),

identified as (

    select
        *,
        {{ source_columns_text('opencost') }} as line_text
    from current_delivery

)

select
    {{ cost_line_id('line_text') }} as cost_line_id,
    day as charge_date,
    'opencost' as source,
    _file_hash as file_hash,
    _row as file_row,
    'Kubernetes' as provider,
    'Kubernetes' as service,
    'Compute' as service_category,
    'Usage' as charge_category,
    'Usage-Based' as charge_frequency,
    coalesce(name, concat_ws('/', namespace, controller, pod, container)) as charge_description,
    window_start as charge_period_start,
    coalesce(window_end, window_start + interval '1' day) as charge_period_end,
    cast({{ month_of('day') }} as timestamp) as billing_period_start,
    cluster as billing_account_id,
    namespace as sub_account_id,
    coalesce(name, concat_ws('/', cluster, namespace, pod)) as resource_id,
    {{ untold(
        'publisher', 'charge_class', 'invoice_issuer', 'invoice_id', 'sku_id', 'region', 'model', 'token_class', 'commitment_discount_id',
        'commitment_discount_status',
    ) }},
    {{ attributed_targets('opencost', allocation_targets(), tags='labels') }},
    cpu_core_hours as consumed_quantity,
    case when cpu_core_hours is not null then 'CPU core hours' end as consumed_unit,
    'USD' as billing_currency,
    -- What runs on the nodes is billed as nodes: this is their cost by use.
    cast(null as {{ money() }}) as list_cost,
    cast(null as {{ money() }}) as contracted_cost,
    cast(null as {{ money() }}) as billed_cost,
    total_cost as effective_cost,
    cast(null as {{ money() }}) as stated_cost_usd,
    {{ charge_details(tags='labels', resource_type=quoted('Pod')) }},
    cluster,
    namespace,
    controller,
    node,
    providerid as provider_id,
    pod,
    ram_byte_hours,
    gpu_hours,
    gpu_count,
    cpu_cost,
    ram_cost,
    gpu_cost,
    network_cost,
    storage_cost,
    load_balancer_cost,
    shared_cost,
    external_cost,
    false as is_explanation
from identified
