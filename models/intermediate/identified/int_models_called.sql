{{ config(materialized='days', day='call_date') }}

-- By what calls are named from several records: of a record of the next day, or a provider of one and a model of another.
select distinct
    call_date,
    provider,
    model
from {{ ref('int_calls_merged') }}
where model is not null and {{ in_days('call_date') }}
