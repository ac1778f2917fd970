-- What customers brought, as the company recognises it; what was billed is no revenue.
select
    revenue.revenue_month as month,
    coalesce(aliases.customer_id, nullif(trim(revenue.customer_id), ''), '(unallocated)') as customer_id,
    coalesce(nullif(trim(revenue.product), ''), '(unallocated)') as product,
    coalesce(nullif(trim(revenue.feature), ''), '(unallocated)') as feature,
    cast(sum(revenue.amount_usd) as {{ money() }}) as revenue_usd,
    count(*) filter (where revenue.amount_usd is null) as unconverted_count
from {{ ref('int_revenue') }} as revenue
left join {{ ref('stg_company__customer_aliases') }} as aliases
    on
        aliases.source = 'revenue'
        and revenue.customer_id = aliases.source_customer_id
        and {{ is_valid('aliases', 'revenue.revenue_month') }}
where revenue.revenue_kind = 'recognised'
group by all
