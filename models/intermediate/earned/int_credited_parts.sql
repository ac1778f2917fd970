{{ config(materialized='table') }}

-- What a credit balance of the config file `commitments` pays of usage, put on the parts of each charge as the charge is.
with parts as (

    select
        parts.charge_date,
        parts.cost_line_id,
        {{ target_key('parts') }} || '|' || parts.rule_path || '|' || parts.part || '|' || parts.part_from as part_id,
        lines.usage_month,
        lines.vendor,
        {{ cost_kind('parts', 'lines') }} as cost_kind,
        parts.cost_class,
        {{ targets('parts') }},
        parts.allocation_ratio as weight,
        {{ in_usd('lines.deferred_cost', 'lines.billing_currency', 'rates.usd_per_unit') }} as credit_usd
    from {{ ref('int_allocated_parts') }} as parts
    inner join {{ ref('int_cost_lines') }} as lines on parts.charge_date = lines.charge_date and parts.cost_line_id = lines.cost_line_id
    left join {{ ref('int_fx_days') }} as rates on lines.charge_date = rates.charge_date and lines.billing_currency = rates.currency
    where lines.charge_category = 'Usage' and lines.deferred_cost <> 0

)

{{ exact_parts(
    'parts', 'charge_date, cost_line_id', 'part_id', ['part_id', 'usage_month', 'vendor', 'cost_kind', 'cost_class'] + target_columns(),
    ['credit_usd']
) }}
