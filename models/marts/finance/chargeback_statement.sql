with costs as (

    select
        usage_month,
        team,
        part,
        cost_status,
        sum(effective_cost_usd) as amount_usd,
        sum(billed_cost_usd) as billed_cost_usd
    from {{ ref('fct_allocated_costs') }}
    group by usage_month, team, part, cost_status

),

org as (

    select * from {{ ref('int_team_places') }}

),

placed as (

    select
        costs.*,
        coalesce(org.legal_entity, '(unassigned)') as legal_entity,
        coalesce(org.cost_centre, '(unassigned)') as cost_centre
    from costs
    left join org on costs.team = org.team and {{ is_valid('org', 'costs.usage_month') }}

)

select
    md5(
        placed.usage_month || '|' || placed.legal_entity || '|' || placed.cost_centre || '|' || placed.team || '|' || placed.part
        || '|' || placed.cost_status
    ) as statement_id,
    placed.usage_month as statement_month,
    placed.usage_month,
    placed.legal_entity,
    placed.cost_centre,
    placed.team,
    placed.part,
    placed.cost_status,
    rules.rule_version,
    'draft' as status,
    cast(placed.amount_usd as {{ money() }}) as amount_usd,
    cast(placed.billed_cost_usd as {{ money() }}) as billed_cost_usd
from placed
cross join {{ ref('int_rule_version') }} as rules
