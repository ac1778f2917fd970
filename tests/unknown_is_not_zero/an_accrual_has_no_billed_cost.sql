-- Law 8: metered is never shown as billed.
select
    cost_line_id,
    billed_cost,
    invoice_id
from {{ ref('fct_cost_lines') }}
where cost_status = 'accrued' and (billed_cost is not null or invoice_id is not null)
