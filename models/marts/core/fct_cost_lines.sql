{{ config(materialized='days', day='charge_date') }}

select
    cost_line_id,
    invoice_id,
    charge_date,
    usage_month,
    charge_period_start,
    charge_period_end,
    billing_period_start,
    source,
    cost_status,
    provider,
    vendor,
    publisher,
    service,
    service_category,
    charge_category,
    charge_class,
    charge_description,
    charge_frequency,
    billing_account_id,
    sub_account_id,
    invoice_issuer,
    resource_id,
    sku_id,
    region,
    model,
    token_class,
    {{ targets() }},
    {{ comma_list(attributed_by_columns(allocation_targets())) }},
    commitment_discount_id,
    commitment_discount_status,
    file_hash as source_file_hash,
    file_row as source_row,
    consumed_quantity,
    consumed_unit,
    billing_currency,
    {% for basis in cost_bases() -%}
        {{ basis }}_cost,
    {% endfor -%}
    {% for basis in cost_bases() -%}
        {{ basis }}_cost_usd{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('int_cost_lines') }}
where {{ in_days('charge_date') }}
