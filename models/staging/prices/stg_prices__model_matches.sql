select * from {{ source('raw', 'model_matches') }}
