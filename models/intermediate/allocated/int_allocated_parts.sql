{{ config(materialized='days', day='charge_date', day_map='int_charge_day_map') }}
-- depends_on: {{ ref('int_charge_day_map') }}

-- Every charge's parts, whatever allocated them; the parts of one charge, rule, target and place in the books stand together in the mart.
with parts as (

    select {{ comma_list(part_columns()) }} from {{ ref('int_first_parts') }}
    where not is_taken and {{ in_days('charge_date') }}
    union all
    select {{ comma_list(part_columns()) }} from {{ ref('int_chained_parts') }}
    where {{ in_days('charge_date') }}

)

select
    parts.*,
    case when places.team is not null then coalesce(places.valid_from, date '1900-01-01') end as place_from,
    {{ cost_class('parts.charge_date') }} as cost_class
from parts
left join {{ ref('int_team_places') }} as places on parts.team = places.team and {{ is_valid('places', 'parts.part_from') }}
