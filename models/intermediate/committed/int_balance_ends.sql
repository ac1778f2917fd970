-- When nothing is left of a balance: once it expires, or once it is used up, of what is left at the rate of the last 30 days. Balances
-- of the same terms are a pool: they are used in turn, at the rate of all of them together.
{%- set today = 'cast(' ~ now_utc() ~ ' as date)' %}
{%- set most_days = 3650 %}
with recursive moved as (

    select
        commitment_id,
        sum(case movement when 'purchased' then amount else -amount end) as left_amount,
        max(moved_on) filter (where movement in ('drawn', 'refunded')) as last_moved_on,
        coalesce(sum(amount) filter (where movement = 'drawn' and moved_on >= {{ today }} - 30), 0) as recent_amount
    from {{ ref('int_commitment_moves') }}
    where movement <> 'expired' and moved_on < {{ today }}
    group by commitment_id

),

balances as (

    select
        balances.*,
        concat_ws('|', balances.vendor, balances.billing_currency, coalesce(balances.account, ''), coalesce(balances.models, '')) as pool,
        cast(coalesce(moved.left_amount, balances.amount) as double) as left_amount,
        cast(sum(moved.recent_amount) over (
            partition by balances.vendor, balances.billing_currency, balances.account, balances.models
        ) as double) as pool_amount,
        case when moved.left_amount <= 0 then moved.last_moved_on + 1 end as was_used_up_on,
        greatest(balances.valid_from - {{ today }}, 0) as begins_in
    from {{ ref('int_balances') }} as balances
    left join moved on balances.commitment_id = moved.commitment_id

),

covered as (

    select
        balances.pool,
        count(distinct days.date_day) as covered_days
    from balances, {{ each_day(today ~ ' - 30', today ~ ' - 1', 'days', 'date_day') }}
    where
        days.date_day >= balances.valid_from
        and days.date_day < least(balances.used_until, coalesce(balances.was_used_up_on, balances.used_until))
    group by balances.pool

),

queued as (

    -- What begins later makes none wait.
    select
        balances.commitment_id,
        balances.pool,
        balances.begins_in,
        balances.used_until - {{ today }} as expires_in,
        balances.left_amount * covered.covered_days / balances.pool_amount as days_left,
        row_number() over (partition by balances.pool order by balances.begins_in, balances.turn) as place
    from balances
    inner join covered on balances.pool = covered.pool
    where balances.pool_amount > 0 and balances.was_used_up_on is null and balances.used_until > {{ today }}

),

ended as (

    select
        commitment_id,
        pool,
        place,
        least(begins_in + days_left, expires_in) as ends_in
    from queued
    where place = 1
    union all
    select
        queued.commitment_id,
        queued.pool,
        queued.place,
        least(greatest(ended.ends_in, queued.begins_in) + queued.days_left, queued.expires_in) as ends_in
    from ended
    inner join queued on ended.pool = queued.pool and ended.place + 1 = queued.place

),

used as (

    -- So little use that it would take ten years says nothing of when.
    select
        balances.*,
        coalesce(
            balances.was_used_up_on,
            {{ today }} + cast(ceil(
                case when ended.ends_in <= {{ most_days }} and ended.ends_in < balances.used_until - {{ today }} then ended.ends_in end
            ) as integer)
        ) as used_up_on
    from balances
    left join ended on balances.commitment_id = ended.commitment_id

)

select
    commitment_id,
    kind,
    vendor,
    valid_from,
    used_up_on,
    nullif(least(used_until, coalesce(used_up_on, used_until)), date '9999-12-31') as ends_on
from used
