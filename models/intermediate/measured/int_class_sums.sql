{{ config(materialized='days', day='sum_date') }}

-- A thousand tokens of each class. No bill and no allocation tells the classes of what it shares: what the calls of a model that have a
-- price bear, its classes share by what they cost at contracted prices.
{%- set targets_of_usage = (unit_targets().items() | list) + (model_targets().items() | list) %}
{%- set shared_bases = ['billed', 'effective', 'fully_loaded'] %}
with usage as (

    select
        call_date,
        grain_source,
        coalesce(model, '(unknown)') as model,
        token_class,
        {{ targets() }},
        sum(quantity) as quantity,
        sum(quantity) filter (where list_cost_usd is not null) as priced_quantity,
        sum(list_cost_usd) as list_cost_usd,
        sum(contracted_cost_usd) as contracted_cost_usd
    from {{ ref('int_usage_daily_by_meter') }}
    where token_class in ('{{ token_classes() | join("', '") }}') and {{ in_days('call_date') }}
    group by call_date, grain_source, coalesce(model, '(unknown)'), token_class, {{ targets() }}

),

borne as (

    select
        call_date,
        model,
        {{ targets() }},
        {% for basis in shared_bases -%}
            sum({{ basis }}_cost_usd) as {{ basis }}_cost_usd,
        {% endfor -%}
        cast(sum(contracted_cost_usd) as double) as contracted_cost_usd
    from {{ ref('int_consumed_daily') }}
    where is_priced and {{ in_days('call_date') }}
    group by call_date, model, {{ targets() }}

),

costed as (

    select
        usage.*,
        {% for basis in shared_bases -%}
            {{ estimate(
                'borne.' ~ basis ~ '_cost_usd', 'cast(usage.contracted_cost_usd as double) / nullif(borne.contracted_cost_usd, 0)'
            ) }} as {{ basis }}_cost_usd{% if not loop.last %},{% endif %}
        {% endfor %}
    from usage
    left join borne
        on
            usage.grain_source = 'call_log' and usage.call_date = borne.call_date and usage.model = borne.model
            and {{ same_targets('usage', 'borne') }}

),

grouped as (

    select * from {{ grouped_by_customer('costed', 'call_date') }} as with_groups

),

by_target as (

    {% for target_type, column in targets_of_usage -%}
        select
            token_class,
            '{{ target_type }}' as target_type,
            {{ column }} as target,
            call_date,
            sum(quantity) as quantity,
            {% for basis, cost in bases_of_runs().items() -%}
                sum({{ cost }}) as {{ cost }},
                sum(priced_quantity) filter (where {{ cost }} is not null) as {{ basis }}_quantity{% if not loop.last %},{% endif %}
            {% endfor %}
        from grouped
        group by token_class, target, call_date
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

{% for basis, cost in bases_of_runs().items() -%}
    select
        'thousand_' || token_class || '_tokens' as metric,
        target_type,
        target,
        call_date as sum_date,
        '{{ basis }}' as cost_basis,
        cast({{ cost }} as {{ money() }}) as cost_usd,
        cast(null as {{ money() }}) as known_cost_usd,
        cast(cast({{ basis }}_quantity as decimal(32, 0)) * 0.001 as decimal(38, 6)) as units,
        cast(0 as decimal(38, 6)) as unknown_units,
        cast({{ basis }}_quantity as decimal(38, 6)) as covered,
        cast(quantity as decimal(38, 6)) as coverable
    from by_target
    {{ 'union all' if not loop.last }}
{% endfor %}
