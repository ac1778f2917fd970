-- The models that a file's calls may have used on a day: what prices must be resolved for.
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

)

select distinct
    parts.day as call_date,
    lower(nullif(models.used.provider, '')) as provider,
    models.used.model
from parts
inner join models on parts.source = models.source and parts.file_hash = models.file_hash
where nullif(models.used.model, '') is not null
