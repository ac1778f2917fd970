select * from {{ company_rows('self_hosted_models') }}
