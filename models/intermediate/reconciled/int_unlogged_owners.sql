{{ config(materialized='days', day='call_date') }}

-- What a vendor reports of an owner's keys and projects beyond what the owner's calls log.
{%- set owned = ['environment', 'team', 'product'] %}
with reported as (

    select
        {{ bucket_columns() }},
        {% for target in owned -%}
            coalesce({{ target }}, '(unallocated)') as {{ target }},
        {% endfor -%}
        sum(quantity) as quantity
    from {{ ref('int_reported_buckets') }}
    where {{ in_days('call_date') }}
    group by all

),

logged as (

    select
        {{ bucket_columns() }},
        {{ comma_list(owned) }},
        sum(quantity) as quantity
    from {{ ref('int_bucket_targets') }}
    where {{ in_days('call_date') }}
    group by all

)

select
    {{ bucket_columns('reported') }},
    {{ comma_list(owned, 'reported') }},
    cast(reported.quantity - coalesce(logged.quantity, 0) as decimal(38, 6)) as quantity
from reported
left join logged
    on
        {{ same_bucket('reported', 'logged') }}
        {% for target in owned -%}
            and reported.{{ target }} = logged.{{ target }}
        {% endfor %}
where reported.quantity > coalesce(logged.quantity, 0)
