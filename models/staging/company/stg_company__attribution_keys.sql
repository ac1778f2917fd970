select * from {{ company_rows('attribution_keys') }}
