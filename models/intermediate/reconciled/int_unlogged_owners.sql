{{ config(materialized='days', day='call_date') }}

-- What a vendor reports of an owner's keys and projects beyond what the owner's calls log.
{%- set owned = ['environment', 'team', 'product'] %}
with reported as (

    select
        usage.call_date,
        usage.provider as vendor,
        {{ reported_account('usage', 'told') }} as account,
        {{ bucket_model('usage', 'matches') }} as model,
        usage.service_tier,
        {{ bucket_class('usage.token_class') }} as token_class,
        {% for target in owned -%}
            coalesce(usage.{{ target }}, '(unallocated)') as {{ target }},
        {% endfor -%}
        sum(usage.quantity) as quantity
    from {{ ref('int_reported_usage_by_meter') }} as usage
    left join {{ ref('int_models_resolved') }} as matches
        on usage.call_date = matches.call_date and usage.provider = matches.provider and usage.model = matches.model
    left join {{ ref('int_bucket_accounts') }} as told
        on usage.call_date = told.call_date and usage.provider = told.vendor
    where {{ in_days('usage.call_date') }}
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
