-- By what is known now, usage costs what the daily usage says, on either basis.
with known as (

    select
        month,
        provider,
        model,
        sum(list_cost_usd) as list_cost_usd,
        sum(contracted_cost_usd) as contracted_cost_usd
    from {{ ref('cost_as_known') }}
    where {{ is_known(now_utc()) }}
    group by month, provider, model

),

used as (

    select
        {{ month_of('usage_date') }} as month,
        provider,
        model,
        sum(list_cost_usd) as list_cost_usd,
        sum(contracted_cost_usd) as contracted_cost_usd
    from {{ ref('fct_usage_daily') }}
    where list_cost_usd <> 0 or contracted_cost_usd <> 0
    group by {{ month_of('usage_date') }}, provider, model

)

select
    used.month,
    used.provider,
    used.model,
    used.list_cost_usd,
    known.list_cost_usd as known_list_cost_usd
from used
left join known
    on used.month = known.month and coalesce(used.provider, '') = coalesce(known.provider, '') and used.model = known.model
where
    used.list_cost_usd is distinct from known.list_cost_usd
    or used.contracted_cost_usd is distinct from known.contracted_cost_usd
