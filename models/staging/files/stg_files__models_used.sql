-- The models that a file's calls may have used on a day.
with parts as (

    select
        source,
        file_hash,
        day
    from {{ source('raw', 'file_parts') }}
    where day is not null

),

models as (

    select
        source,
        file_hash,
        {{ unnested('models') }} as used
    from {{ source('raw', 'files') }}

),

named as (

    select
        models.source,
        models.file_hash,
        {{ provider_of('models.used.provider') }} as provider,
        nullif(models.used.model, '') as model
    from models

)

select distinct
    parts.day as call_date,
    named.provider,
    named.model
from parts
inner join named on parts.source = named.source and parts.file_hash = named.file_hash
where named.model is not null
