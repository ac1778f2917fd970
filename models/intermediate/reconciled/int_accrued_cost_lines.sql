select
    {{ accrued_line_id() }} as cost_line_id,
    call_date as charge_date,
    provider,
    account,
    model,
    token_class,
    cast(sum(quantity) as {{ money() }}) as consumed_quantity,
    cast(sum(list_cost_usd) as {{ money() }}) as list_cost,
    cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost
from {{ ref('int_accrued_usage') }}
group by all
