-- Reshapes: one row a meter instead of one column.
{% for meter in all_meters() -%}
    select
        call_date,
        source,
        provider,
        account,
        model,
        service_tier,
        '{{ meter }}' as token_class,
        {{ targets() }},
        cast({{ quantity_of(meter) }} as decimal(38, 6)) as quantity,
        {{ meter }}_list_cost_usd as list_cost_usd,
        {{ meter }}_contracted_cost_usd as contracted_cost_usd
    from {{ ref('int_usage_daily') }}
    where pricing_status = 'priced' and {{ quantity_of(meter) }} > 0 and {{ meter }}_list_cost_usd is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
