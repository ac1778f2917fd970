{{ config(materialized='table') }}

-- Beside what files name, what calls are named from several records: of a record of the next day, or a provider of one and a model
-- of another.
select
    call_date,
    provider,
    model
from {{ ref('stg_files__models_used') }}
union
select
    call_date,
    provider,
    model
from {{ ref('int_calls_merged') }}
where model is not null
