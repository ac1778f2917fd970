select * from {{ source('raw', 'config_rows') }}
