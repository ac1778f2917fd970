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
        {% for basis in bases -%}
            max(costs.{{ basis }}_cost_usd) as {{ basis }}_cost{% if not loop.last %},{% endif %}
        {% endfor %}
    from shares
    inner join costs on shares.call_date = costs.call_date and shares.vendor = costs.vendor and costs.model = '(any)'
    group by all

),

rounded as (

    select
        *,
        {% for basis in bases -%}
            {{ rounded_share(basis ~ '_cost', 'weight', bucket_columns()) }} as {{ basis }}_part,
        {% endfor -%}
        {{ largest_first('weight', bucket_columns(), 'source, call_id') }} as part_rank
    from weights

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
