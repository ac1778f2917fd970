-- When what lowers a vendor's prices in a month is over, the earliest day of each kind. Balances of a kind of which
-- each begins before those ahead of it are over end together.
with used as (

    select distinct
        month,
        vendor
    from {{ ref('int_month_costs') }}
    where vendor is not null

),

balances as (

    select
        vendor,
        kind,
        valid_from,
        coalesce(ends_on, date '9999-12-31') as ends_on,
        max(coalesce(ends_on, date '9999-12-31')) over (
            partition by vendor, kind order by valid_from, ends_on rows between unbounded preceding and 1 preceding
        ) as last_ends_on
    from {{ ref('int_balance_ends') }}

),

chained as (

    select
        *,
        sum(case when valid_from <= last_ends_on then 0 else 1 end) over (
            partition by vendor, kind order by valid_from, ends_on rows between unbounded preceding and current row
        ) as chain_number
    from balances

),

ends as (

    select
        vendor,
        case kind when 'promotional_credit' then 'credits' else 'prepaid' end as what,
        min(valid_from) as valid_from,
        nullif(max(ends_on), date '9999-12-31') as ends_on
    from chained
    group by vendor, what, chain_number
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
