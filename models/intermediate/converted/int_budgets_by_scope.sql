-- Budgets of one scope and month add up: a later one is a supplement.
select
    lower(trim(scope_type)) as scope_type,
    case when lower(trim(scope_type)) in ('company', 'ai') then '(all)' else scope end as scope,
    {{ month_of('month') }} as month,
    currency,
    usd_per_unit as budget_rate,
    cast(count(*) as bigint) as budget_count,
    cast(sum(amount) as {{ money() }}) as amount,
    cast(sum(amount_usd) as {{ money() }}) as amount_usd
from {{ ref('int_budgets') }}
group by all
