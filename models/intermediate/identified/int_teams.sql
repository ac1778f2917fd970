with org as (

    -- The places of today; rows of one team do not overlap (a test says so).
    select
        places.team,
        places.cost_centre,
        places.legal_entity,
        places.gl_account
    from {{ ref('stg_company__org_hierarchy') }} as places
    where {{ is_valid('places', 'cast(' ~ now_utc() ~ ' as date)') }}

),

seen as (

    select distinct team
    from {{ ref('int_usage_daily') }}

)

select
    coalesce(org.team, seen.team) as team,
    org.cost_centre,
    org.legal_entity,
    org.gl_account,
    seen.team is not null as has_usage
from org
full outer join seen on org.team = seen.team
