-- When what lowers a vendor's prices in a month is over, the earliest day of each kind.
with used as (

    select distinct
        month,
        vendor
    from {{ ref('int_month_costs') }}
    where vendor is not null

),

ends as (

    select
        vendor,
        case kind when 'promotional_credit' then 'credits' else 'prepaid' end as what,
        valid_from,
        ends_on
    from {{ ref('int_balance_ends') }}
    union all
    select
        lower(trim(provider)) as vendor,
        'discounts' as what,
        valid_from,
        valid_to as ends_on
    from {{ ref('stg_company__contract_prices') }}

)

select
    used.month,
    used.vendor,
    {% for what in ['credits', 'prepaid', 'discounts'] -%}
        min(ends.ends_on) filter (where ends.what = '{{ what }}') as {{ what }}_end_date{% if not loop.last %},{% endif %}
    {% endfor %}
from used
inner join ends
    on
        used.vendor = ends.vendor
        and used.month < ends.ends_on
        and used.month + interval '1' month > coalesce(ends.valid_from, used.month)
group by used.month, used.vendor
