select * from {{ company_rows('verdict_thresholds') }}
