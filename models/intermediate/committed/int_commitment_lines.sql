{{ config(materialized='table', meta={'fingerprint_days': ['charge_date'], 'has_own_days': true}) }}

-- What no bill says of a commitment: the loss when a balance expires. It was billed when it was bought.
select
    md5('expired|' || commitment_id) as cost_line_id,
    expires as charge_date,
    'commitments' as source,
    'invoiced' as cost_status,
    vendor,
    vendor as provider,
    'Unused commitment' as service,
    'AI and Machine Learning' as service_category,
    'Usage' as charge_category,
    commitment_id || ': unused at its expiry' as charge_description,
    'One-Time' as charge_frequency,
    cast(expires as timestamp) as charge_period_start,
    cast(expires + 1 as timestamp) as charge_period_end,
    cast({{ month_of('expires') }} as timestamp) as billing_period_start,
    account as billing_account_id,
    commitment_id as commitment_discount_id,
    'Unused' as commitment_discount_status,
    {{ untold(
        'file_hash', 'publisher', 'charge_class', 'sub_account_id', 'invoice_issuer', 'invoice_id', 'resource_id', 'sku_id', 'region',
        'model', 'token_class', 'consumed_unit',
    ) }},
    {% for column in target_columns() + attributed_by_columns(allocation_targets()) -%}
        cast(null as varchar) as {{ column }},
    {% endfor -%}
    cast(null as bigint) as file_row,
    cast(null as {{ money() }}) as consumed_quantity,
    billing_currency,
    cast(null as {{ money() }}) as list_cost,
    cast(null as {{ money() }}) as contracted_cost,
    cast(0 as {{ money() }}) as billed_cost,
    cast(unused_cost as {{ money() }}) as effective_cost
from {{ ref('int_balance_expiries') }}
where not is_given
