-- When nothing is left of a balance: once it expires, or once it is used up, of what is left at the rate of the last 30 days.
{%- set today = 'cast(' ~ now_utc() ~ ' as date)' %}
with moved as (

    select
        commitment_id,
        sum(case movement when 'purchased' then amount else -amount end) as left_amount,
        max(moved_on) filter (where movement in ('drawn', 'refunded')) as last_moved_on,
        coalesce(sum(amount) filter (where movement = 'drawn' and moved_on >= {{ today }} - 30), 0) as recent_amount
    from {{ ref('int_commitment_moves') }}
    where movement <> 'expired' and moved_on < {{ today }}
    group by commitment_id

),

used as (

    select
        balances.*,
        case
            when moved.left_amount <= 0 then moved.last_moved_on + 1
            when moved.recent_amount > 0
                then {{ today }} + cast(ceil(
                    cast(moved.left_amount as double) * least({{ today }} - balances.valid_from, 30) / cast(moved.recent_amount as double)
                ) as integer)
        end as used_up_on
    from {{ ref('int_balances') }} as balances
    left join moved on balances.commitment_id = moved.commitment_id

)

select
    commitment_id,
    kind,
    vendor,
    valid_from,
    used_up_on,
    nullif(least(used_until, coalesce(used_up_on, used_until)), date '9999-12-31') as ends_on
from used
