select * from {{ company_rows('billing_sources') }}
