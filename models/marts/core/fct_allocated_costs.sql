{{ config(materialized='days', day='charge_date') }}

with parts as (

    {{ parts_together(allocated_amounts(), in_days('charge_date')) }}

),

lines as (

    select
        charge_date,
        cost_line_id,
        cost_status,
        usage_month,
        billing_currency,
        charge_category = 'Purchase' and commitment_discount_id is not null as is_commitment_purchase
    from {{ ref('int_cost_lines') }}
    where {{ in_days('charge_date') }}

)

select
    md5(
        parts.cost_line_id || '|' || parts.rule_path || '|' || parts.part || '|' || {{ target_key('parts') }}
        || '|' || coalesce(cast(parts.place_from as varchar), '')
    ) as allocated_cost_key,
    parts.cost_line_id,
    parts.charge_date,
    parts.part_from,
    lines.usage_month,
    lines.cost_status,
    parts.rule_id,
    parts.rule_path,
    parts.method,
    parts.driver,
    parts.part,
    {{ targets('parts') }},
    parts.cost_class,
    {{ unallocated_reason('parts') }} as unallocated_reason,
    coalesce(lines.is_commitment_purchase, false) as is_commitment_purchase,
    cast(parts.allocation_ratio as {{ ratio() }}) as allocation_ratio,
    lines.billing_currency,
    {{ comma_list(cost_columns(), 'parts') }}
from parts
inner join lines on parts.charge_date = lines.charge_date and parts.cost_line_id = lines.cost_line_id
