-- Seats that somebody uses and seats that nobody does are charges of their own, where the list tells them apart.
{%- set changed = ['cost_line_id', 'charge_description', 'resource_id', 'consumed_quantity', 'contracted_cost', 'effective_cost'] %}
with counted as (

    select
        *,
        cast(consumed_quantity as decimal(10, 0)) as all_seats,
        cast(greatest(consumed_quantity - coalesce(active_seats, consumed_quantity), 0) as decimal(10, 0)) as idle_seats
    from {{ ref('stg_licences__seats') }}

),

divided as (

    select
        *,
        false as is_idle,
        cast(all_seats - idle_seats as decimal(10, 0)) as seats
    from counted
    where idle_seats < all_seats or all_seats = 0
    union all
    select
        *,
        true as is_idle,
        idle_seats as seats
    from counted
    where idle_seats > 0

)

select
    {{ comma_list(charge_column_names() | reject('in', changed)) }},
    case when is_idle then md5(cost_line_id || '|idle') else cost_line_id end as cost_line_id,
    case when is_idle then cast(seats as bigint) || ' unused seats of ' || service else charge_description end as charge_description,
    case when is_idle then '__idle__' end as resource_id,
    cast(seats as {{ money() }}) as consumed_quantity,
    {% for cost in ['contracted_cost', 'effective_cost'] -%}
        cast(seats * cast(seat_price as decimal(28, 18)) as {{ money() }}) as {{ cost }},
    {% endfor -%}
    {{ targets() }},
    {{ comma_list(attributed_by_columns(allocation_targets())) }},
    ai_share
from divided
