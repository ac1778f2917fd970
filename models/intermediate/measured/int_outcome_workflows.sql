{{ config(materialized='table') }}

-- A run of one of these workflows that has no outcome is one whose outcome is not known.
select distinct
    outcome_type,
    workflow
from {{ ref('int_outcome_attempts') }}
where workflow <> '(unallocated)'
