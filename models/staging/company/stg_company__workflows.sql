select * from {{ company_rows('workflows') }}
