{{ config(materialized='days', day='charge_date', day_map='int_charge_day_map') }}
-- depends_on: {{ ref('int_charge_day_map') }}

-- Every charge's parts, whatever allocated them; the parts of one charge, rule, target and place in the books stand together in the mart.
{%- set kept = part_columns() | reject('in', ['part_from', 'part_to'] + allocated_amounts()) | list %}
{%- set days = ['first_day', 'last_day', 'place_from'] %}
with parts as (

    select {{ comma_list(part_columns()) }} from {{ ref('int_first_parts') }}
    where not is_taken and {{ in_days('charge_date') }}
    union all
    select {{ comma_list(part_columns()) }} from {{ ref('int_chained_parts') }}
    where {{ in_days('charge_date') }}

),

told as (

    select
        parts.*,
        not exists (
            select 1 from {{ ref('int_team_places') }} as places
            where
                parts.team = places.team
                and (
                    (places.valid_from > parts.part_from and places.valid_from <= parts.part_to)
                    or (places.valid_to > parts.part_from and places.valid_to <= parts.part_to)
                )
        ) as team_stays
    from parts

),

-- Where its team moves while a part runs, each day of it is borne where the team stood on that day.
moved_days as (

    select
        told.*,
        {{ target_key('told') }} as target_key,
        {{ place_from('places') }} as place_from,
        days.part_date
    from told
    cross join {{ each_day('told.part_from', 'told.part_to', 'days', 'part_date') }}
    left join {{ ref('int_team_places') }} as places on told.team = places.team and {{ is_valid('places', 'days.part_date') }}
    where not told.team_stays

),

-- The days of a stay follow one another, so that each is as far from its number; a team may be nowhere twice.
moved_stays as (

    select
        *,
        part_date - cast(row_number() over (partition by {{ part_key() }}, place_from order by part_date) as integer) as stay
    from moved_days

),

moved_weighed as (

    select
        {{ comma_list(part_columns() + ['target_key', 'place_from', 'stay']) }},
        min(part_date) as first_day,
        max(part_date) as last_day,
        count(*) as weight
    from moved_stays
    group by all

),

{{ exact_ctes('moved_weighed', 'moved', part_key(), 'first_day', kept + days) }},

placed as (

    select
        {{ comma_list(kept) }},
        first_day as part_from,
        last_day as part_to,
        place_from,
        {{ comma_list(allocated_amounts()) }}
    from moved
    union all
    select
        {{ comma_list(kept, 'told') }},
        told.part_from,
        told.part_to,
        {{ place_from('places') }} as place_from,
        {{ comma_list(allocated_amounts(), 'told') }}
    from told
    left join {{ ref('int_team_places') }} as places on told.team = places.team and {{ is_valid('places', 'told.part_from') }}
    where told.team_stays

)

select
    *,
    {{ cost_class('charge_date') }} as cost_class
from placed
