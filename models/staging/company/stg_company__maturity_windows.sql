select * from {{ company_rows('maturity_windows') }}
