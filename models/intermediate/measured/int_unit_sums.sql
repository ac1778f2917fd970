-- Numerators and denominators of every unit cost, by day: what is divided is summed first, at every grain. What has a cost and no units,
-- or units and no cost, is a row of its own.
{%- set nothing = 'cast(null as ' ~ money() ~ ')' %}
{%- set zero = 'cast(0 as decimal(38, 6))' %}
{#- Who uses a model or a key is not counted, nor who uses a version of a prompt. -#}
{%- set named_calls = "case when target_type in ('" ~ unit_targets() | join("', '") ~ "') then calls end" %}
{%- set real_bases = ['billed', 'effective', 'fully_loaded'] %}
with usage as (

    select * from {{ ref('int_usage_by_target') }}

),

costs as (

    select * from {{ ref('int_costs_by_target') }}

),

runs as (

    select * from {{ ref('int_runs_by_target') }}

),

-- Of usage: calls and tokens, on the metered bases those that have a price.
usage_sums as (

    {% for basis in ['list', 'contracted'] -%}
        {% for metric, cost, units, whole in [
            ('inference', 'counted_' ~ basis, 'priced_calls', 'calls'), ('thousand_tokens', basis, 'priced_tokens', 'tokens'),
            ('active_customer', 'customers_' ~ basis, none, named_calls), ('active_user', basis, none, named_calls),
        ] -%}
            {{ unit_sum(metric, 'metered_' ~ basis, 'usage', cost ~ '_cost_usd', units, whole) }}
            union all
        {% endfor -%}
    {% endfor -%}
    {% for basis in real_bases -%}
        {% for metric, cost, units, whole, covered in [
            ('inference', basis, 'calls', 'calls', 'priced_calls'), ('thousand_tokens', basis, 'tokens', 'tokens', 'priced_tokens'),
            ('active_customer', 'customers_' ~ basis, none, named_calls, none), ('active_user', basis, none, named_calls, none),
        ] -%}
            {% if whole -%}
                {{ unit_sum(metric, basis, 'usage', none, units, whole, covered) }}
                union all
            {% endif -%}
            {{ unit_sum(metric, basis, 'costs', cost ~ '_cost_usd', none, none) }}
            union all
        {% endfor -%}
    {% endfor -%}
    select * from {{ ref('int_class_sums') }}
    union all
    select * from {{ ref('int_seat_sums') }}

),

-- Of runs: those whose cost is known on the basis. The others bear nothing and are divided by nothing: they lower the coverage.
run_sums as (

    {% for basis, cost in bases_of_runs().items() -%}
        select
            metric,
            target_type,
            target,
            run_date as sum_date,
            '{{ basis }}' as cost_basis,
            {{ cost }} as cost_usd,
            known_{{ cost }} as known_cost_usd,
            cast({{ cost }}_successes as decimal(38, 6)) as units,
            cast(unknown_{{ cost }}_runs as decimal(38, 6)) as unknown_units,
            cast(known_{{ cost }}_runs as decimal(38, 6)) as covered,
            cast(runs as decimal(38, 6)) as coverable
        from runs
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from usage_sums
union all
select * from run_sums
