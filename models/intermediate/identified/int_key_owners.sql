-- A key may be named by its hash or by its alias; calls find either by equality.
select
    source,
    coalesce(api_key, key_alias) as api_key,
    team,
    product,
    environment,
    valid_from,
    valid_to
from {{ ref('stg_company__api_keys') }}
where coalesce(api_key, key_alias) is not null
