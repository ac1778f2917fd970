select
    team,
    cost_centre,
    legal_entity,
    gl_account,
    has_usage
from {{ ref('int_teams') }}
