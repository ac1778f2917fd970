{{ config(materialized='days', day='call_date') }}

-- Bucket to calls: what each call bears of what bills show, exact over the calls of a bucket.
{%- set bases = ['billed', 'effective'] %}
with costs as (

    select * from {{ ref('int_bucket_costs') }}
    where {{ in_days('call_date') }}

),

shares as (

    select * from {{ ref('int_call_shares') }}
    where {{ in_days('call_date') }}

),

weights as (

    select
        shares.source,
        shares.call_id,
        {{ bucket_columns('shares') }},
        sum(case when costs.is_by_price then shares.cost_usd else shares.quantity end) as weight,
        sum(shares.quantity) as quantity,
        {% for basis in bases -%}
            max(costs.{{ basis }}_cost_usd) as {{ basis }}_cost{% if not loop.last %},{% endif %}
        {% endfor %}
    from shares
    inner join costs on {{ same_bucket('shares', 'costs') }}
    group by all
    union all
    select
        shares.source,
        shares.call_id,
        {{ bucket_columns('costs') }},
        cast(sum(cast(coalesce(shares.cost_usd, 0) as {{ money() }})) as double) as weight,
        sum(shares.quantity) as quantity,
        {% for basis in bases -%}
            max(costs.{{ basis }}_cost_usd) as {{ basis }}_cost{% if not loop.last %},{% endif %}
        {% endfor %}
    from shares
    inner join costs
        on
            shares.call_date = costs.call_date
            and shares.vendor = costs.vendor
            and costs.token_class = '(any)'
            and costs.account in (shares.account, '(any)')
            and costs.model in (shares.model, '(any)')
            and costs.service_tier in (shares.service_tier, '(any)')
    group by all

),

weighed as (

    -- By cost; where none of them has a known one, by quantity.
    select
        source,
        call_id,
        {{ bucket_columns() }},
        case when max(weight) over (partition by {{ bucket_columns() }}) > 0 then weight else quantity end as weight,
        {% for basis in bases -%}
            {{ basis }}_cost{% if not loop.last %},{% endif %}
        {% endfor %}
    from weights

),

rounded as (

    select
        *,
        {% for basis in bases -%}
            {{ rounded_share(basis ~ '_cost', 'weight', bucket_columns()) }} as {{ basis }}_part,
        {% endfor -%}
        {{ largest_first('weight', bucket_columns(), 'source, call_id') }} as part_rank
    from weighed

),

exact as (

    select
        call_date,
        source,
        call_id,
        {% for basis in bases -%}
            {{ exact_part(basis ~ '_cost', basis ~ '_part', bucket_columns(), 'part_rank') }}
                as {{ basis }}_cost_usd{% if not loop.last %},{% endif %}
        {% endfor %}
    from rounded

)

select
    call_date,
    source,
    call_id,
    {% for basis in bases -%}
        cast(sum({{ basis }}_cost_usd) as {{ money() }}) as {{ basis }}_cost_usd{% if not loop.last %},{% endif %}
    {% endfor %}
from exact
group by call_date, source, call_id
