-- The charges that rules decide on, with the part that each is of by itself. What no bill shows yet is its own usage's, but for what a
-- rule gives to an owner: its bill will go there, too. Each select reads the charges itself: a relation that both read would be kept aside,
-- with every column of every charge.
select
    lines.*,
    {{ own_part('lines') }} as own_part
from {{ ref('int_cost_lines') }} as lines
where lines.source <> 'metered'
union all
select
    lines.*,
    {{ own_part('lines') }} as own_part
from {{ ref('int_cost_lines') }} as lines
where
    lines.source = 'metered'
    and exists (
        select 1 from {{ ref('int_allocation_rules') }} as rules
        where rules.method = 'direct' and rules.takes is null and {{ rule_is_about('rules', 'lines', own_part('lines')) }}
    )
