{{ config(meta={'fingerprint_days': ['run_date']}) }}

-- Each day of what nodes are billed for longer than a month, however long it runs.
with billed_weighed as (

    {{ node_charge_days('lines.part_to > lines.charge_date + 31') }}

),

{{ exact_ctes('billed_weighed', 'billed', 'cost_line_id', 'run_date', node_day_columns(), ['effective_cost_usd']) }}

select
    run_date,
    billed_cluster,
    billed_node,
    driver,
    cast(sum(effective_cost_usd) as {{ money() }}) as effective_cost_usd
from billed
group by all
