-- What files name, and what calls are named from several records.
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
from {{ ref('int_models_called') }}
