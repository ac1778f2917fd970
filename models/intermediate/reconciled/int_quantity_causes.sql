-- The part of each line's difference that is quantity, by cause; exact: what rounding leaves goes to the first cause.
with parts as (

    select
        differences.charge_date,
        differences.cost_line_id,
        {{ bucket_key('differences') }} as bucket_key,
        -- Searches are a tool inside a call: where no log of the day counts any, it is not a call that the log lacks.
        case
            when causes.cause = 'missing_log' and causes.token_class = 'web_searches' and differences.logged_quantity = 0
                then 'non_token_meter'
            else causes.cause
        end as cause,
        causes.certainty,
        differences.quantity_usd,
        causes.quantity as weight
    from {{ ref('int_line_differences') }} as differences
    inner join {{ ref('int_bucket_causes') }} as causes on {{ same_bucket('differences', 'causes') }}
    where differences.quantity_usd <> 0

),

rounded as (

    select
        *,
        {{ rounded_share('quantity_usd', 'weight', 'charge_date, cost_line_id, bucket_key') }} as part_usd,
        {{ largest_first('weight', 'charge_date, cost_line_id, bucket_key', 'cause') }} as part_rank
    from parts

)

select
    charge_date,
    cost_line_id,
    bucket_key,
    cause,
    certainty,
    {{ exact_part('quantity_usd', 'part_usd', 'charge_date, cost_line_id, bucket_key', 'part_rank') }} as amount_usd
from rounded
