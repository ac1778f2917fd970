{{ config(materialized='table') }}

-- The buckets that our logs or the vendor's report have, and those that only the bill tells apart: of a model's day of which we have
-- another class, tokens of a class that we have not.
with told as (

    select
        {{ bucket_columns() }},
        logged_quantity,
        reported_quantity,
        list_cost_usd,
        contracted_cost_usd,
        expected_cost_usd
    from {{ ref('int_usage_buckets') }}

),

billed as (

    select distinct
        lines.charge_date as call_date,
        lines.vendor,
        lines.account as billed_account,
        models.model,
        lines.token_class
    from {{ ref('int_usage_lines') }} as lines
    inner join {{ ref('int_line_models') }} as models on lines.vendor = models.vendor and lines.model = models.billed_model
    where lines.token_class is not null and lines.billed_quantity > 0 and lines.charge_date = lines.last_charge_date

),

only_billed as (

    select distinct
        billed.call_date,
        billed.vendor,
        told.account,
        billed.model,
        told.service_tier,
        billed.token_class
    from billed
    inner join told
        on
            billed.call_date = told.call_date
            and billed.vendor = told.vendor
            and billed.model = told.model
            and (billed.billed_account is null or told.account in (billed.billed_account, '(all)'))
            and {{ bucket_side('billed.token_class') }} = {{ bucket_side('told.token_class') }}
    left join told as same
        on
            billed.call_date = same.call_date
            and billed.vendor = same.vendor
            and billed.model = same.model
            and billed.token_class = same.token_class
            and (billed.billed_account is null or same.account in (billed.billed_account, '(all)'))
    where same.call_date is null
    qualify row_number() over (
        partition by billed.call_date, billed.vendor, billed.billed_account, billed.model, billed.token_class
        order by told.logged_quantity desc, told.account asc, told.service_tier asc, told.token_class asc
    ) = 1

)

select * from told
union all
select
    {{ bucket_columns() }},
    0 as logged_quantity,
    cast(null as decimal(38, 6)) as reported_quantity,
    0 as list_cost_usd,
    0 as contracted_cost_usd,
    cast(null as double) as expected_cost_usd
from only_billed
