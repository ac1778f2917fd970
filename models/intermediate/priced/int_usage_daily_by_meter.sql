-- Reshapes: one row a meter instead of one column. Without a price, a quantity has no cost. No vendor bills what reached none.
{% for meter in all_meters() -%}
    select
        call_date,
        source,
        grain_source,
        provider,
        account,
        model,
        service_tier,
        commitment_id,
        '{{ meter }}' as token_class,
        {{ targets() }},
        cast({{ quantity_of(meter) }} as decimal(38, 6)) as quantity,
        {{ meter }}_list_cost_usd as list_cost_usd,
        {{ meter }}_contracted_cost_usd as contracted_cost_usd
    from {{ ref('int_usage_daily') }}
    where {{ quantity_of(meter) }} > 0 and {{ reached_a_vendor() }}
    {{ 'union all' if not loop.last }}
{% endfor %}
