-- What a charge bills is what we metered and the causes between, exactly; and every charge of a bill is there, once.
with explained as (

    select
        line,
        max(billed_usd) as billed_usd,
        max(metered_usd) as metered_usd,
        sum(amount_usd) as amount_usd,
        count(distinct billed_usd) as billed_amounts
    from {{ ref('invoice_reconciliation') }}
    where line is not null
    group by line

),

lines as (

    select
        cost_line_id,
        billed_cost_usd
    from {{ ref('fct_cost_lines') }}
    where cost_status = 'invoiced' and source_file_hash is not null

)

select
    lines.cost_line_id,
    lines.billed_cost_usd,
    explained.billed_usd,
    explained.metered_usd,
    explained.amount_usd
from lines
full outer join explained on lines.cost_line_id = explained.line
where
    lines.cost_line_id is null
    or explained.line is null
    or explained.billed_usd is distinct from lines.billed_cost_usd
    or explained.billed_usd is distinct from explained.metered_usd + explained.amount_usd
    or explained.billed_amounts > 1
