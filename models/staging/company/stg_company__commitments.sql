select * from {{ company_rows('commitments') }}
