select * from {{ company_rows('ai_scope') }}
