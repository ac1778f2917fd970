select * from {{ source('raw', 'issued_lines') }}
