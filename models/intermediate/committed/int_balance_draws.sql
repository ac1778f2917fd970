{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- Balance after balance takes what those before it have left, day after day: a day's draw follows from it and the days before it.
{%- set of_day = 'commitment_id, charge_date' %}
with recursive turns as (

    select
        pool_key,
        charge_date,
        cast(0 as bigint) as turn,
        cast(null as varchar) as commitment_id,
        pool_cost as left_cost,
        cast(0 as {{ money() }}) as drawn_cost
    from {{ ref('int_balance_demand') }}
    union all
    (
        with asked as (

            select
                turns.pool_key,
                turns.charge_date,
                turns.turn + 1 as turn,
                turns.left_cost - turns.drawn_cost as left_cost,
                offers.commitment_id,
                offers.amount,
                offers.refunded_on,
                offers.refunded_cost,
                sum(turns.left_cost - turns.drawn_cost) over (
                    partition by offers.commitment_id order by turns.charge_date
                ) as asked_until,
                sum(turns.left_cost - turns.drawn_cost) over (
                    partition by offers.commitment_id, turns.charge_date
                ) as asked_on_day
            from turns
            left join {{ ref('int_balance_offers') }} as offers on turns.pool_key = offers.pool_key and turns.turn + 1 = offers.turn
            where turns.turn < (select max(last_offer.turn) from {{ ref('int_balance_offers') }} as last_offer)

        ),

        capped as (

            -- Paid back is at most what was left of it then.
            select
                *,
                greatest(amount - refunded_cost, least(amount, coalesce(
                    max(case when charge_date < refunded_on then asked_until end) over (partition by commitment_id), 0
                ))) as cap
            from asked

        ),

        drawn as (

            select
                *,
                least(asked_until, cap) - least(asked_until - asked_on_day, cap) as day_cost
            from capped

        ),

        rounded as (

            select
                *,
                case when day_cost = asked_on_day then left_cost else {{ rounded_share('day_cost', 'left_cost', of_day) }} end as part,
                {{ largest_first('left_cost', of_day, 'pool_key') }} as part_rank
            from drawn

        )

        select
            pool_key,
            charge_date,
            turn,
            commitment_id,
            left_cost,
            case
                when commitment_id is null then 0
                else {{ exact_part('day_cost', 'part', of_day, 'part_rank') }}
            end as drawn_cost
        from rounded
    )

)

select
    {{ pool_columns('pools') }},
    turns.commitment_id,
    offers.is_given,
    pools.pool_cost,
    turns.drawn_cost
from turns
inner join {{ ref('int_balance_demand') }} as pools on turns.pool_key = pools.pool_key
inner join {{ ref('int_balance_offers') }} as offers
    on turns.pool_key = offers.pool_key and turns.commitment_id = offers.commitment_id
where turns.drawn_cost > 0
