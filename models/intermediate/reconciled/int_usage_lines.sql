-- The lines of the ledger that a bill shows for usage.
select
    lines.charge_date,
    lines.cost_line_id,
    {{ last_day_of('lines.charge_period_start', 'lines.charge_period_end') }} as last_charge_date,
    lines.vendor,
    lines.model,
    {{ bucket_class('lines.token_class') }} as token_class,
    case when lower(lines.consumed_unit) in ('tokens', 'token') then lines.consumed_quantity end as billed_quantity,
    lines.billing_currency,
    cast(1 as {{ money() }}) as allocation_ratio,
    lines.drawn_cost,
    {% for basis in cost_bases() -%}
        lines.{{ basis }}_cost{% if not loop.last %},{% endif %}
    {% endfor %}
from {{ ref('int_cost_lines') }} as lines
inner join {{ ref('int_charge_kinds') }} as kinds
    on lines.charge_date = kinds.charge_date and lines.cost_line_id = kinds.cost_line_id
where kinds.cause is null
