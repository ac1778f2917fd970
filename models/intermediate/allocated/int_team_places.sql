-- Where each team stands in the books, over time.
select
    team,
    cost_centre,
    legal_entity,
    gl_account,
    statement_kind,
    valid_from,
    valid_to
from {{ ref('stg_company__org_hierarchy') }}
