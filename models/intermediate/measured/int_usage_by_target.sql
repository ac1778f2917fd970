-- Reshapes: each day's calls once for each kind of target that unit costs are shown for.
{%- set sources = {
    'usage': (unit_targets().items() | list + model_targets().items() | list)
    + [('api_key', "coalesce(api_key_alias, api_key, '(unknown)')")],
    'versions': [('prompt_version', 'prompt_version')],
} %}
with usage as (

    select
        *,
        calls as all_calls,
        case when pricing_status = 'priced' then calls end as priced_calls,
        all_tokens as tokens,
        case when pricing_status = 'priced' then all_tokens end as priced_tokens
    from {{ grouped_by_customer(ref('int_usage_daily'), 'call_date') }} as grouped

),

versions as (

    select
        *,
        calls as all_calls
    from {{ ref('int_consumed_daily') }}
    where prompt_version <> ''

)

{% for relation, targets in sources.items() -%}
    {%- set last_source = loop.last -%}
    {%- for target_type, column in targets -%}
        select
            call_date,
            '{{ target_type }}' as target_type,
            {{ column }} as target,
            sum(all_calls) as calls,
            sum(priced_calls) as priced_calls,
            sum(tokens) as tokens,
            sum(priced_tokens) as priced_tokens,
            {% for basis in ['list', 'contracted'] -%}
                sum({{ basis }}_cost_usd) as {{ basis }}_cost_usd,
                -- A vendor's report may not tell how many requests there were: such money has no calls to be divided by.
                sum({{ basis }}_cost_usd) filter (where all_calls is not null) as counted_{{ basis }}_cost_usd,
                sum({{ basis }}_cost_usd) filter (where {{ is_of_customers() }})
                    as customers_{{ basis }}_cost_usd{% if not loop.last %},{% endif %}
            {% endfor %}
        from {{ relation }}
        group by call_date, target
        {{ 'union all' if not (loop.last and last_source) }}
    {% endfor %}
{%- endfor %}
