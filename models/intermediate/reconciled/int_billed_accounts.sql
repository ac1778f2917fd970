{{ config(materialized='table') }}

-- The vendors whose bills name the accounts that our logs name: as sub-accounts, or as those that pay.
with told as (

    select distinct
        vendor,
        account
    from {{ ref('int_usage_buckets') }}
    where account <> '(all)'

),

billed as (

    select distinct
        lines.vendor,
        lines.billing_account_id,
        lines.sub_account_id
    from {{ ref('int_cost_lines') }} as lines
    where lines.vendor in (select told.vendor from told) and {{ is_on_a_bill('lines') }}

)

select
    billed.vendor,
    case when bool_or(billed.sub_account_id = told.account) then 'sub_account' else 'billing_account' end as told_by
from billed
inner join told on billed.vendor = told.vendor and told.account in (billed.sub_account_id, billed.billing_account_id)
group by billed.vendor
