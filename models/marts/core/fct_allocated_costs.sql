{{ config(materialized='days', day='charge_date') }}

with parts as (

    {{ parts_together(allocated_amounts(), in_days('charge_date')) }}

),

lines as (

    select
        lines.charge_date,
        lines.cost_line_id,
        lines.cost_status,
        lines.usage_month,
        lines.billing_currency,
        lines.charge_category = 'Purchase' and lines.commitment_discount_id is not null as names_commitment,
        bought.cost_line_id is not null or names_commitment as is_commitment_purchase,
        coalesce(bought.is_listed_in_use, names_commitment) as is_listed_in_use
    from {{ ref('int_cost_lines') }} as lines
    left join {{ ref('int_commitment_purchases') }} as bought
        on lines.charge_date = bought.charge_date and lines.cost_line_id = bought.cost_line_id and {{ in_days('bought.charge_date') }}
    where {{ in_days('lines.charge_date') }}

)

select
    md5(
        parts.cost_line_id || '|' || parts.rule_path || '|' || parts.part || '|' || {{ target_key('parts') }}
        || '|' || coalesce(cast(parts.place_from as varchar), '')
    ) as allocated_cost_key,
    parts.cost_line_id,
    parts.charge_date,
    parts.part_from,
    parts.part_to,
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
    coalesce(lines.is_listed_in_use, false) as is_listed_in_use,
    cast(parts.allocation_ratio as {{ ratio() }}) as allocation_ratio,
    lines.billing_currency,
    {{ comma_list(cost_columns(), 'parts') }}
from parts
inner join lines on parts.charge_date = lines.charge_date and parts.cost_line_id = lines.cost_line_id
