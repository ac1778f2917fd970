-- What moved in each month of a commitment, up to now, and what was left at its end.
{%- set moves = ['purchased', 'drawn', 'expired', 'refunded'] %}
with months as (

    select distinct
        commitments.commitment_id,
        {{ month_of('days.date_day') }} as month
    from {{ ref('int_commitments') }} as commitments,
        {{ each_day('commitments.valid_from', 'cast(' ~ now_utc() ~ ' as date)', 'days', 'date_day') }}

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

)

select
    *,
    sum(purchased - drawn - expired - refunded) over (partition by commitment_id order by month) as closing
from moved
