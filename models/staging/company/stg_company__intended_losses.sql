select * from {{ company_rows('intended_losses') }}
