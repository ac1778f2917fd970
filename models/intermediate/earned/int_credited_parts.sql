{{ config(materialized='table') }}

-- What credits pay of usage, put on the parts of each charge as the charge is: those of the config file `commitments`, and those that a
-- bill nets inside the line.
with credited as (

    select
        lines.charge_date,
        lines.cost_line_id,
        lines.source,
        lines.model,
        lines.usage_month,
        lines.vendor,
        lines.deferred_cost + coalesce(netted.credit, 0) as credit,
        lines.billing_currency,
        lines.usd_per_unit
    from {{ ref('int_cost_lines') }} as lines
    left join {{ ref('int_netted_credits') }} as netted
        on lines.charge_date = netted.charge_date and lines.cost_line_id = netted.cost_line_id
    where lines.charge_category = 'Usage' and (lines.deferred_cost <> 0 or netted.credit is not null)

),

parts as (

    select
        parts.charge_date,
        parts.cost_line_id,
        {{ target_key('parts') }} || '|' || parts.rule_path || '|' || parts.part || '|' || parts.part_from as part_id,
        credited.usage_month,
        credited.vendor,
        {{ cost_kind('parts', 'credited') }} as cost_kind,
        parts.cost_class,
        {{ targets('parts') }},
        parts.allocation_ratio as weight,
        {{ in_usd('credited.credit', 'credited.billing_currency', 'credited.usd_per_unit') }} as credit_usd
    from credited
    inner join {{ ref('int_ledger_parts') }} as parts
        on credited.charge_date = parts.charge_date and credited.cost_line_id = parts.cost_line_id

)

{{ exact_parts(
    'parts', 'charge_date, cost_line_id', 'part_id', ['part_id', 'usage_month', 'vendor', 'cost_kind', 'cost_class'] + target_columns(),
    ['credit_usd']
) }}
