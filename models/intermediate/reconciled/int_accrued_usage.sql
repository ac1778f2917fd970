-- Usage without a bill in two parts: what a balance pays for, which no bill will show, and what is accrued until one does.
{%- set kept = comma_list(['call_date', 'grain_source', 'provider', 'account', 'model', 'token_class'] + target_columns()) %}
{%- set pool = 'call_date, provider, account, model' %}
with usage as (

    select
        usage.*,
        pools.commitment_id,
        pools.pool_cost,
        pools.drawn_cost,
        pools.given_cost
    from {{ ref('int_usage_without_bill') }} as usage
    left join {{ ref('int_paid_pools') }} as pools
        on
            {{ is_of_pool('usage.call_date', 'usage.provider', 'usage.account', 'usage.model', "'USD'") }}
            and usage.contracted_cost_usd > 0

),

rounded as (

    select
        *,
        {{ pool_share('drawn_cost', 'contracted_cost_usd', pool) }} as drawn_part,
        {{ pool_share('given_cost', 'contracted_cost_usd', pool) }} as given_part,
        {{ largest_first('contracted_cost_usd', pool, "grain_source || '|' || token_class || '|' || " ~ target_key()) }} as part_rank
    from usage

),

exact as (

    select
        *,
        coalesce({{ exact_part('drawn_cost', 'drawn_part', pool, 'part_rank') }}, 0) as drawn_usd,
        coalesce({{ exact_part('given_cost', 'given_part', pool, 'part_rank') }}, 0) as given_usd
    from rounded

),

divided as (

    select
        *,
        {% for amount in ['quantity', 'list_cost_usd'] -%}
            case
                when drawn_usd = 0 then 0
                when drawn_usd = contracted_cost_usd then {{ amount }}
                else
                    cast(
                        cast({{ amount }} as double) * (cast(drawn_usd as double) / cast(contracted_cost_usd as double)) as {{ money() }}
                    )
            end as drawn_{{ amount }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from exact

)

select
    {{ kept }},
    commitment_id,
    true as is_prepaid,
    drawn_quantity as quantity,
    drawn_list_cost_usd as list_cost_usd,
    drawn_usd as contracted_cost_usd,
    drawn_usd - given_usd as effective_cost_usd
from divided
where drawn_usd > 0
union all
select
    {{ kept }},
    cast(null as varchar) as commitment_id,
    false as is_prepaid,
    quantity - drawn_quantity as quantity,
    list_cost_usd - drawn_list_cost_usd as list_cost_usd,
    contracted_cost_usd - drawn_usd as contracted_cost_usd,
    contracted_cost_usd - drawn_usd as effective_cost_usd
from divided
where drawn_usd = 0 or drawn_usd <> contracted_cost_usd
