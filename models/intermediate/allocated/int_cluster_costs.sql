{{ config(materialized='days', day='run_date', day_before=31, meta={'fingerprint': 'content'}) }}

-- What ran on clusters, and beside what OpenCost says that it costs, its exact share of what the nodes are billed.
{%- set kept = ['run_date', 'cluster', 'node', 'namespace', 'controller', 'is_idle'] + target_columns() %}
with usage as (

    select
        allocations.charge_date as run_date,
        coalesce(allocations.cluster, '(unknown)') as cluster, -- noqa: RF04
        allocations.node,
        allocations.namespace,
        allocations.controller,
        {{ is_idle('allocations') }} as is_idle,
        {% for column in target_columns() -%}
            coalesce(allocations.{{ column }}, '(unallocated)') as {{ column }},
        {% endfor -%}
        cast(sum(allocations.effective_cost) as {{ money() }}) as kubernetes_cost,
        cast(sum(allocations.consumed_quantity) as {{ money() }}) as cpu_core_hours,
        cast(sum(allocations.ram_byte_hours) as {{ money() }}) as memory_byte_hours,
        cast(sum(allocations.gpu_hours * 3600) as {{ money() }}) as gpu_seconds
    from {{ ref('stg_opencost__allocations') }} as allocations
    where {{ in_days('allocations.charge_date') }}
    group by all

),

keyed as (

    select
        *,
        md5(
            run_date || '|' || cluster || '|' || coalesce(node, '') || '|' || coalesce(namespace, '') || '|' || coalesce(controller, '')
            || '|' || is_idle || '|' || {{ target_key() }}
        ) as run_key
    from usage

),

billed_weighed as (

    select
        lines.charge_date,
        lines.cost_line_id,
        lines.cluster as billed_cluster,
        days.run_date,
        lines.effective_cost_usd,
        1 as weight
    from {{ ref('int_node_lines') }} as lines,
        {{ each_day('lines.part_from', 'lines.part_to', 'days', 'run_date') }}
    where {{ in_days('lines.charge_date', 31, 0) }}

),

{{ exact_ctes(
    'billed_weighed', 'billed', 'cost_line_id', 'run_date', ['charge_date', 'billed_cluster', 'run_date'], ['effective_cost_usd']
) }},

bills as (

    select
        run_date,
        coalesce(billed_cluster, '(all)') as billed_cluster,
        cast(sum(effective_cost_usd) as {{ money() }}) as effective_cost_usd
    from billed
    -- A charge is followed for a month from its day on, so that a day reads no more than a month.
    where run_date <= charge_date + 31 and {{ in_days('run_date') }}
    group by all

),

shared_weighed as (

    select
        bills.run_date,
        bills.billed_cluster,
        bills.effective_cost_usd,
        keyed.run_key,
        keyed.kubernetes_cost as weight
    from bills
    inner join keyed on bills.run_date = keyed.run_date and bills.billed_cluster in (keyed.cluster, '(all)')

),

{{ exact_ctes('shared_weighed', 'shared', 'run_date, billed_cluster', 'run_key', ['run_key'], ['effective_cost_usd']) }}

select
    {{ comma_list(['run_key'] + kept + cluster_drivers(), 'keyed') }},
    cast(sum(shared.effective_cost_usd) as {{ money() }}) as billed_cost_usd
from keyed
left join shared on keyed.run_date = shared.run_date and keyed.run_key = shared.run_key
group by all
