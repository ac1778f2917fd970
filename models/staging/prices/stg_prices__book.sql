select * from {{ source('raw', 'price_book') }}
