select * from {{ company_rows('closed_periods') }}
