select * from {{ company_rows('model_aliases') }}
