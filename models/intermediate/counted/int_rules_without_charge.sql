-- Rules of the company that hold between the first and the last day of the data and decide nothing of it: what they name is not
-- there, or other rules come first.
with rules as (

    select
        'allocation_rules' as source,
        rule_id as subject,
        ' > ' || rule_id || ' > ' as decided_by,
        valid_from,
        valid_to
    from {{ ref('int_allocation_rules') }}
    union all
    select
        'ai_scope' as source,
        priority || ': ' || rule_key as subject,
        ' > ' || rule_key || ' > ' as decided_by,
        valid_from,
        valid_to
    from {{ ref('int_ai_rules') }}
    -- The defaults name many vendors that a company does not have.
    where coalesce(owner, '') <> 'costgrain'

),

decisions as (

    -- A charge that rules hand on is decided by each of its path.
    select distinct
        'allocation_rules' as source,
        charge_date,
        ' > ' || rule_path || ' > ' as decided_by
    from {{ ref('int_ledger_parts') }}
    union all
    select distinct
        'ai_scope' as source,
        charge_date,
        ' > ' || scope_rule || ' > ' as decided_by
    from {{ ref('int_scoped_costs') }}

),

period as (

    select
        source,
        min(charge_date) as first_date,
        max(charge_date) as last_date
    from decisions
    group by source

)

select distinct
    rules.source,
    rules.subject,
    greatest(coalesce(rules.valid_from, period.first_date), period.first_date) as finding_date
from rules
inner join period
    on
        rules.source = period.source
        and coalesce(rules.valid_from, period.last_date) <= period.last_date
        and (rules.valid_to is null or rules.valid_to > period.first_date)
left join decisions
    on
        rules.source = decisions.source
        and {{ is_valid('rules', 'decisions.charge_date') }}
        and contains(decisions.decided_by, rules.decided_by)
where decisions.source is null
