select * from {{ company_rows('cost_classes') }}
