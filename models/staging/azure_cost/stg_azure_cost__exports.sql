-- Of each account and month, which of the two exports have landed: known on each of their days, as both decide what a line cost.
select
    charge_date,
    file_hash,
    edition,
    billing_account_id,
    billing_period_start,
    max(case when edition = '' then 1 else 0 end) over (partition by billing_account_id, billing_period_start) = 1 as has_actual,
    max(case when edition = 'amortised' then 1 else 0 end) over (partition by billing_account_id, billing_period_start) = 1 as has_amortised
from {{ ref('stg_files__deliveries') }}
where source = 'azure_cost' and is_current
