{{ config(materialized='table') }}

-- A run of one of these workflows that has no outcome is one whose outcome is not known. Of a run without a tag, its outcome may state it.
with named as (

    select
        outcome_type,
        coalesce(nullif(workflow, '(unallocated)'), stated_workflow) as workflow
    from {{ ref('int_outcome_attempts') }}

)

select distinct
    outcome_type,
    workflow
from named
where workflow is not null
