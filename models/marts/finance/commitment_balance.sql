{%- set moves = ['purchased', 'drawn', 'expired', 'refunded'] %}
{%- set today = 'cast(' ~ now_utc() ~ ' as date)' %}
with billed as (

    select commitment_id
    from {{ ref('int_balance_charges') }}
    where billed_cost > 0
    union
    select commitment_id
    from {{ ref('int_shortfalls') }}
    where is_billed

),

commitments as (

    select
        commitments.*,
        billed.commitment_id is not null as is_billed
    from {{ ref('int_commitments') }} as commitments
    left join billed on commitments.commitment_id = billed.commitment_id
    where commitments.valid_from <= {{ today }}

),

months as (

    select distinct
        commitments.*,
        {{ month_of('days.date_day') }} as month
    from commitments,
        {{ each_day('commitments.valid_from', today, 'days', 'date_day') }}

),

recent as (

    select
        commitment_id,
        sum(amount) as drawn_amount
    from {{ ref('int_commitment_moves') }}
    where movement = 'drawn' and moved_on >= {{ today }} - 30 and moved_on < {{ today }}
    group by commitment_id

),

moved as (

    select
        months.commitment_id,
        months.month,
        {% for move in moves -%}
            coalesce(sum(moves.amount) filter (where moves.movement = '{{ move }}'), 0) as {{ move }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from months
    left join {{ ref('int_commitment_moves') }} as moves
        on months.commitment_id = moves.commitment_id and months.month = {{ month_of('moves.moved_on') }}
    group by months.commitment_id, months.month

),

balanced as (

    select
        *,
        sum(purchased - drawn - expired - refunded) over (partition by commitment_id order by month) as closing
    from moved

),

judged as (

    -- Only of today can be told what will be left.
    select
        months.*,
        {{ comma_list(moves, 'balanced') }},
        balanced.closing,
        coalesce(recent.drawn_amount, 0) as recent_amount,
        case
            when months.month < {{ month_of(today) }} then 'the month is over'
            when months.ends_on is null then 'it does not expire'
            when months.ends_on <= {{ today }} then 'it is over'
            when months.is_given then 'what was given is no loss'
            when months.valid_from > {{ today }} - 30 then 'it has been drawn on for less than 30 days'
        end as no_projection_reason
    from months
    inner join balanced on months.commitment_id = balanced.commitment_id and months.month = balanced.month
    left join recent on months.commitment_id = recent.commitment_id

)

select
    md5(commitment_id || '|' || month) as commitment_balance_key,
    commitment_id,
    month,
    kind,
    vendor,
    account,
    billing_currency,
    ends_on as ends_date,
    is_billed,
    no_projection_reason,
    cast(closing - purchased + drawn + expired + refunded as {{ money() }}) as opening_amount,
    {% for move in moves -%}
        cast({{ move }} as {{ money() }}) as {{ move }}_amount,
    {% endfor -%}
    cast(closing as {{ money() }}) as closing_amount,
    case
        when no_projection_reason is null
            then cast(
                greatest(cast(closing as double) - cast(recent_amount as double) / 30 * (ends_on - {{ today }}), 0) as {{ money() }}
            )
    end as projected_loss_amount
from judged
