select
    cast(null as date) as row_date,
    'litellm_prices' as source,
    model,
    case when model = 'sample_spec' then 'it explains the map' else 'it names no price' end as reason,
    _file_hash as file_hash,
    _row as file_row,
    false as is_conflict
from {{ source('raw', 'litellm_prices') }}
where not {{ tells_a_price() }}
