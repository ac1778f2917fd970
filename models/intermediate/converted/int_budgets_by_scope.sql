-- Budgets of one scope and month add up: a later one is a supplement. One that names no scope is the company's.
select
    coalesce(lower(trim(scope_type)), 'company') as scope_type,
    case when coalesce(lower(trim(scope_type)), 'company') in ('company', 'ai') then '(all)' else scope end as scope,
    {{ month_of('month') }} as month,
    currency,
    usd_per_unit as budget_rate,
    cast(count(*) as bigint) as budget_count,
    cast(sum(amount) as {{ money() }}) as amount,
    cast(sum(amount_usd) as {{ money() }}) as amount_usd
from {{ ref('int_budgets') }}
group by all
