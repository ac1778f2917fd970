-- In the currency of the budget where it has one; in USD where every part of it is known.
select
    scope_type,
    scope,
    month,
    case when count(*) = 1 then min(currency) end as budget_currency,
    case when count(*) = 1 then min(amount) end as budget_amount,
    cast(sum(budget_count) as bigint) as budget_count,
    case when count(amount_usd) = count(*) then cast(sum(amount_usd) as {{ money() }}) end as budget_usd,
    min(case when amount_usd is null then currency end) as unknown_currency
from {{ ref('int_budgets_by_scope') }}
group by scope_type, scope, month
