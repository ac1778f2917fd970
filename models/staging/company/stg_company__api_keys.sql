select * from {{ company_rows('api_keys') }}
