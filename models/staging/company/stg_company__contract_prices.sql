select * from {{ company_rows('contract_prices') }}
