select * from {{ source('raw', 'held_prices') }}
