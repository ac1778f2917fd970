{{ config(materialized='days', day='call_date') }}

-- What shared charges follow: each day's usage by target, by vendor and over all vendors.
select
    call_date,
    case when grouping(provider) = 1 then '(all)' else coalesce(provider, '(unknown)') end as vendor,
    {{ targets() }},
    cast(sum(calls) as bigint) as calls,
    cast(sum(all_tokens) as bigint) as tokens,
    cast(sum(contracted_cost_usd) as {{ money() }}) as calls_cost
from {{ ref('int_usage_daily') }}
where {{ in_days('call_date') }}
-- The linter does not know grouping sets in this dialect.
group by grouping sets ((call_date, provider, {{ targets() }}), (call_date, {{ targets() }})) -- noqa: PRS
