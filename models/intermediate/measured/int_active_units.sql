-- Customers and users that have calls in a period. Of a user who comes twice a month the month has one, as has each of the days.
{%- set counted = {'active_customer': ('customers', 'customer_id'), 'active_user': ('users', 'user_id')} %}
with customers as (

    select distinct
        call_date,
        {{ targets() }},
        segment,
        plan
    from {{ grouped_by_customer(ref('int_usage_daily'), 'call_date') }} as grouped
    where {{ is_of_customers() }}

),

users as (

    select * from {{ grouped_by_customer(ref('int_active_users'), 'call_date') }} as grouped

)

{% for metric, (relation, who) in counted.items() -%}
    {%- set last_metric = loop.last -%}
    {%- for grain in ['day', 'week', 'month'] -%}
        {%- set last_grain = loop.last -%}
        {%- for target_type, column in unit_targets().items() if grain == 'month' or quoted(target_type) in daily_targets() -%}
            select
                '{{ metric }}' as metric,
                '{{ target_type }}' as target_type,
                {{ column }} as target,
                '{{ grain }}' as period_grain,
                cast(date_trunc('{{ grain }}', call_date) as date) as period_start,
                count(distinct {{ who }}) as units
            from {{ relation }}
            group by target, period_start
            {{ 'union all' if not (loop.last and last_grain and last_metric) }}
        {% endfor %}
    {%- endfor %}
{%- endfor %}
