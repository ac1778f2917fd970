-- An accrued line is the sum of its own usage, so its parts are that usage and no money is rounded; where a rule names its owner, it
-- has none.
with owned as (

    select
        charge_date,
        cost_line_id
    from {{ ref('int_ruled_lines') }}
    where source = 'metered'

),

metered as (

    select
        call_date as charge_date,
        {{ accrued_line_id() }} as cost_line_id,
        'own-usage' as rule_id,
        {{ target_key() }} as target_key,
        {{ targets() }},
        cast(sum(list_cost_usd) as {{ money() }}) as list_cost,
        cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost,
        cast(case when is_prepaid then 0 end as {{ money() }}) as billed_cost,
        cast(sum(effective_cost_usd) as {{ money() }}) as effective_cost
    from {{ ref('int_accrued_usage') }}
    group by all

),

metered_ratio as (

    select
        *,
        case
            when sum(contracted_cost) over (partition by charge_date, cost_line_id) > 0
                then {{ rounded_share('1', 'contracted_cost', 'charge_date, cost_line_id') }}
            else cast(0 as {{ money() }})
        end as share,
        {{ largest_first('contracted_cost', 'charge_date, cost_line_id', 'target_key') }} as part_rank
    from metered

)

select
    charge_date,
    cost_line_id,
    rule_id,
    'usage' as method,
    cast(null as varchar) as reason,
    {{ exact_part('1', 'share', 'charge_date, cost_line_id', 'part_rank') }} as allocation_ratio,
    {{ targets() }},
    list_cost,
    contracted_cost,
    billed_cost,
    effective_cost,
    list_cost as list_cost_usd,
    contracted_cost as contracted_cost_usd,
    billed_cost as billed_cost_usd,
    effective_cost as effective_cost_usd
from metered_ratio
where not exists (
    select 1 from owned
    where owned.charge_date = metered_ratio.charge_date and owned.cost_line_id = metered_ratio.cost_line_id
)
