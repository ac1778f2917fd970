select
    team,
    legal_entity,
    cost_centre,
    gl_account,
    statement_kind,
    valid_from,
    valid_to
from {{ ref('int_team_places') }}
