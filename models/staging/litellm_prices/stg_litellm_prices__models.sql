-- The price book itself is made of these rows at ingest, where each is compared with the map before; here they are counted.
select
    model,
    provider,
    mode,
    alias_of,
    _file_hash as file_hash,
    _row as file_row
from {{ source('raw', 'litellm_prices') }}
where {{ tells_a_price() }}
