-- Customers and users that have calls in a period, and how many calls name one: those of the company's own people name no customer and
-- need none. Of a user who comes twice a month the month has one, as has each of the days.
with customers as (

    select
        *,
        case when {{ is_of_customers() }} then customer_id end as who
    from {{ grouped_by_customer(ref('int_usage_daily'), 'call_date') }} as grouped
    where customer_id <> '(unallocated)'

),

users as (

    select
        *,
        user_id as who
    from {{ grouped_by_customer(ref('int_active_users'), 'call_date') }} as grouped

),

days as (

    {% for metric, relation in {'active_customer': 'customers', 'active_user': 'users'}.items() -%}
        {%- set last_metric = loop.last -%}
        {%- for target_type, column in unit_targets().items() -%}
            select
                '{{ metric }}' as metric,
                '{{ target_type }}' as target_type,
                {{ column }} as target,
                call_date,
                who,
                sum(calls) as calls
            from {{ relation }}
            group by target, call_date, who
            {{ 'union all' if not (loop.last and last_metric) }}
        {% endfor %}
    {%- endfor %}

)

{% for grain in ['day', 'week', 'month'] -%}
    select
        metric,
        target_type,
        target,
        '{{ grain }}' as period_grain,
        cast(date_trunc('{{ grain }}', call_date) as date) as period_start,
        count(distinct who) as units,
        sum(calls) as calls
    from days
    {% if grain != 'month' %}where target_type in {{ daily_targets() }}{% endif %}
    group by metric, target_type, target, period_start
    {{ 'union all' if not loop.last }}
{% endfor %}
