{{ config(materialized='table') }}

-- Where we logged more than the vendor counts: calls of one key, minute and trace that are alike in every token, but for one each.
{%- set alike = ['call_date', 'provider', 'account', 'model', 'service_tier', 'api_key', 'trace_id', 'status'] %}
with fewer as (

    select distinct
        call_date,
        vendor
    from {{ ref('int_bucket_quantities') }}
    where more_quantity < 0

),

alike as (

    select
        {{ comma_list(alike, 'calls') }},
        date_trunc('minute', calls.called_at) as called_minute,
        {% for class in token_classes() -%}
            calls.{{ class }}_tokens,
        {% endfor -%}
        count(*) - 1 as repeats
    from {{ ref('int_calls_priced') }} as calls
    inner join fewer on calls.call_date = fewer.call_date and calls.provider = fewer.vendor
    where calls.all_tokens > 0 and not calls.is_gateway_cache_hit
    group by all
    having count(*) > 1

),

by_class as (

    {% for class in token_classes() -%}
        select
            call_date,
            provider,
            account,
            model,
            service_tier,
            '{{ class }}' as token_class,
            repeats * {{ class }}_tokens as quantity
        from alike
        where {{ class }}_tokens > 0
        union all
    {% endfor %}
    select
        call_date,
        provider,
        account,
        model,
        service_tier,
        'requests' as token_class,
        repeats as quantity
    from alike

)

select
    by_class.call_date,
    by_class.provider as vendor,
    {{ bucket_account('by_class', 'told') }} as account,
    {{ bucket_model('by_class', 'matches') }} as model,
    {{ bucket_tier('by_class.service_tier') }} as service_tier,
    {{ bucket_class('by_class.token_class') }} as token_class,
    cast(sum(by_class.quantity) as decimal(38, 6)) as repeated_quantity
from by_class
left join {{ ref('int_models_resolved') }} as matches
    on by_class.call_date = matches.call_date and by_class.provider = matches.provider and by_class.model = matches.model
left join {{ ref('int_bucket_accounts') }} as told
    on by_class.call_date = told.call_date and by_class.provider = told.vendor
group by all
