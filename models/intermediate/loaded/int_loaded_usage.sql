-- What stands on those whose calls bear it: of models' usage on the very same targets; of what is shared on all of its workflow who
-- are of whatever else it names. What stands on no workflow reaches no run.
with usage as (

    select
        call_date,
        {{ targets() }},
        {{ target_key() }} as target_key,
        {% for column in ['calls', 'contracted_cost_usd', 'billed_cost_usd', 'effective_cost_usd', 'hosted_cost_usd'] -%}
            sum({{ column }}) as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_trace_usage') }}
    group by all

),

borne as (

    select
        pools.call_date,
        pools.cost_kind,
        {{ target_key('pools') }} as pool_key,
        usage.target_key,
        {{ targets('usage') }},
        usage.calls,
        {{ pool_weight('pools.cost_kind', 'usage') }} as weight,
        pools.cost_usd
    from {{ ref('int_cost_pools') }} as pools
    inner join usage
        on
            pools.call_date = usage.call_date
            and pools.workflow = usage.workflow
            {% for column in target_columns() if column != 'workflow' -%}
                and (
                    pools.{{ column }} = usage.{{ column }}
                    or (pools.{{ column }} = '(unallocated)' and pools.cost_kind not in ('calls', 'billed'))
                )
            {% endfor %}
    where pools.cost_kind in ('calls', 'billed') or pools.workflow <> '(unallocated)'

),

{{ loaded_parts('borne', 'loaded', 'call_date, cost_kind, pool_key', 'target_key', ['target_key'] + target_columns()) }}

select
    call_date,
    cost_kind,
    {{ targets() }},
    cast(sum(cost_usd) as {{ money() }}) as cost_usd
from loaded
group by all
