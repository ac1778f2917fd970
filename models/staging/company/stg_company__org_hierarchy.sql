select * from {{ company_rows('org_hierarchy') }}
