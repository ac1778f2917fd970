select * from {{ company_rows('allocation_rules') }}
