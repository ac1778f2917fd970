-- A thousand tokens of each class, at metered prices: no bill and no allocation tells the classes of what it shares.
with usage as (

    select
        call_date,
        token_class,
        workflow,
        model,
        quantity,
        case when list_cost_usd is not null then quantity end as priced_quantity,
        list_cost_usd,
        contracted_cost_usd
    from {{ ref('int_usage_daily_by_meter') }}
    where token_class in ('{{ token_classes() | join("', '") }}')

)

{% for basis in ['list', 'contracted'] -%}
    {%- set last_basis = loop.last -%}
    {%- for target_type, column in [('company', "'(all)'"), ('workflow', 'workflow'), ('model', "coalesce(model, '(unknown)')")] -%}
        select
            'thousand_' || token_class || '_tokens' as metric,
            '{{ target_type }}' as target_type,
            {{ column }} as target,
            call_date as sum_date,
            'metered_{{ basis }}' as cost_basis,
            cast(sum({{ basis }}_cost_usd) as {{ money() }}) as cost_usd,
            cast(null as {{ money() }}) as known_cost_usd,
            cast(cast(sum(priced_quantity) as decimal(32, 0)) * 0.001 as decimal(38, 6)) as units,
            cast(0 as decimal(38, 6)) as unknown_units,
            cast(sum(priced_quantity) as decimal(38, 6)) as covered,
            cast(sum(quantity) as decimal(38, 6)) as coverable
        from usage
        group by metric, target, sum_date
        {{ 'union all' if not (loop.last and last_basis) }}
    {% endfor %}
{%- endfor %}
