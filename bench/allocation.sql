-- Allocation by hand: a direct charge is one part; a shared one is divided by the day's costs, what rounding leaves goes to the largest part.
create or replace table by_hand as
with direct as (
    select
        charge_date, cost_line_id, 'own-tags' as rule_id, team, workflow, 1::decimal(38, 18) as allocation_ratio,
        list_cost, contracted_cost, billed_cost, effective_cost, list_cost_usd, contracted_cost_usd, billed_cost_usd, effective_cost_usd
    from intermediate.int_cost_lines
    where team is not null
),
drivers as (
    select
        call_date, team, workflow, calls_cost::double / sum(calls_cost::double) over (partition by call_date) as share,
        row_number() over (partition by call_date order by calls_cost desc, team, workflow) as place
    from intermediate.int_allocation_drivers
    where vendor = '(all)'
),
rounded as (
    select
        lines.charge_date, lines.cost_line_id, 'shared' as rule_id, drivers.team, drivers.workflow, drivers.place,
        drivers.share::decimal(38, 18) as allocation_ratio,
        {rounded},
        {whole}
    from intermediate.int_cost_lines as lines
    inner join drivers on lines.charge_date = drivers.call_date
    where lines.team is null
),
shared as (
    select
        charge_date, cost_line_id, rule_id, team, workflow,
        allocation_ratio + case when place = 1 then 1 - sum(allocation_ratio) over (partition by cost_line_id) else 0 end as allocation_ratio,
        {exact}
    from rounded
)
select * from direct
union all
select * from shared
