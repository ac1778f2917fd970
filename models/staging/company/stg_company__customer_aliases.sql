select * from {{ company_rows('customer_aliases') }}
