{{ config(materialized='table', meta={'fingerprint_days': ['call_date']}) }}

-- Whose the usage is that no log has: what the vendor reports of an owner's keys and projects beyond what the owner's calls log.
{%- set owned = ['environment', 'team', 'product'] %}
with missing as (

    select distinct {{ bucket_columns() }}
    from {{ ref('int_bucket_causes') }}
    where cause = 'missing_log'

),

reported as (

    select
        {{ bucket_columns('missing') }},
        {% for target in owned -%}
            coalesce(usage.{{ target }}, '(unallocated)') as {{ target }},
        {% endfor -%}
        sum(usage.quantity) as quantity
    from {{ ref('int_reported_usage_by_meter') }} as usage
    left join {{ ref('int_models_resolved') }} as matches
        on usage.call_date = matches.call_date and usage.provider = matches.provider and usage.model = matches.model
    inner join missing
        on
            usage.call_date = missing.call_date
            and usage.provider = missing.vendor
            and {{ bucket_model('usage', 'matches') }} = missing.model
            and usage.service_tier = missing.service_tier
            and {{ bucket_class('usage.token_class') }} = missing.token_class
    group by all

),

logged as (

    select
        {{ bucket_columns() }},
        {{ owned | join(', ') }},
        sum(quantity) as quantity
    from {{ ref('int_bucket_targets') }}
    group by all

)

select
    {{ bucket_columns('reported') }},
    {% for target in owned -%}
        reported.{{ target }},
    {% endfor -%}
    reported.quantity - coalesce(logged.quantity, 0) as quantity
from reported
left join logged
    on
        {{ same_bucket('reported', 'logged') }}
        {% for target in owned -%}
            and reported.{{ target }} = logged.{{ target }}
        {% endfor %}
where reported.quantity > coalesce(logged.quantity, 0)
