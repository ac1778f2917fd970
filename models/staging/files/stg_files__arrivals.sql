select
    parts.source,
    parts.day as charge_date,
    min(files.first_seen_at) as first_seen_at
from {{ source('raw', 'file_parts') }} as parts
inner join {{ source('raw', 'files') }} as files on parts.source = files.source and parts.file_hash = files.file_hash
where parts.day is not null
group by parts.source, parts.day
