{{ config(materialized='days', day='call_date') }}

-- What shared charges follow: each day's usage by target, by vendor and over all vendors. Of what the company runs itself nobody is vendor.
with usage as (

    select
        call_date,
        case when pricing_status = 'self_hosted' then '(self-hosted)' else coalesce(provider, '(unknown)') end as seller,
        {{ targets() }},
        calls,
        all_tokens,
        contracted_cost_usd
    from {{ ref('int_usage_daily') }}
    where {{ in_days('call_date') }}

)

select
    call_date,
    case when grouping(seller) = 1 then '(all)' else seller end as vendor,
    {{ targets() }},
    cast(sum(calls) as bigint) as calls,
    cast(sum(all_tokens) as bigint) as tokens,
    cast(sum(contracted_cost_usd) as {{ money() }}) as calls_cost
from usage
-- The linter does not know grouping sets in this dialect.
group by grouping sets ((call_date, seller, {{ targets() }}), (call_date, {{ targets() }})) -- noqa: PRS
