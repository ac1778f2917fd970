{{ config(materialized='days', day='run_date', meta={'fingerprint': 'content'}) }}

-- What ran on clusters, and beside what OpenCost says that it costs, its exact share of what its nodes are billed.
{%- set kept = ['run_date', 'cluster', 'node', 'namespace', 'controller', 'is_idle'] + target_columns() %}
{%- set quantities = [
    ('cpu_core_hours', 'consumed_quantity', 'cpu_cost'), ('memory_byte_hours', 'ram_byte_hours', 'ram_cost'),
    ('gpu_seconds', 'gpu_hours * 3600', 'gpu_cost'),
] %}
with usage as (

    select
        allocations.run_date,
        coalesce(allocations.cluster, '(unknown)') as cluster, -- noqa: RF04
        allocations.node,
        allocations.namespace,
        allocations.controller,
        {{ is_idle('allocations') }} as is_idle,
        {% for column in target_columns() -%}
            coalesce(allocations.{{ column }}, '(unallocated)') as {{ column }},
        {% endfor -%}
        cast(sum(allocations.effective_cost) as {{ money() }}) as kubernetes_cost,
        {% for driver, quantity, cost in quantities -%}
            cast(sum(allocations.{{ quantity }}) as {{ money() }}) as told_{{ driver }},
            cast(sum(allocations.{{ cost }}) as {{ money() }}) as {{ cost }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_pod_days') }} as allocations
    where {{ in_days('allocations.run_date') }}
    group by all

),

keyed as (

    select
        *,
        md5(
            run_date || '|' || cluster || '|' || coalesce(node, '') || '|' || coalesce(namespace, '') || '|' || coalesce(controller, '')
            || '|' || is_idle || '|' || {{ target_key() }}
        ) as run_key,
        {% for driver, quantity, cost in quantities -%}
            {{ with_idle('told_' ~ driver, cost) }} as {{ driver }}{{ ',' if not loop.last }}
        {% endfor %}
    from usage

),

summed as (

    select
        *,
        {{ driver_sums('cluster', 'node is not null', 'run_date, cluster') }}
    from keyed

),

borne as (

    select
        bills.run_date,
        bills.billed_cluster,
        bills.billed_node,
        bills.driver,
        bills.effective_cost_usd,
        {{ comma_list(['run_key'] + cluster_drivers() + cluster_drivers('cluster_'), 'keyed') }},
        bills.billed_node is not null and keyed.node is null as is_of_any_node
    from {{ ref('int_node_days') }} as bills
    inner join summed as keyed on bills.run_date = keyed.run_date and bills.billed_cluster in (keyed.cluster, '(all)')
    left join {{ ref('int_node_names') }} as placed
        on
            keyed.run_date = placed.charge_date
            and keyed.cluster = placed.cluster
            and keyed.node = placed.node
            and bills.billed_node = placed.node_name
            and {{ in_days('placed.charge_date') }}
    where (bills.billed_node is null or keyed.node is null or placed.node is not null) and {{ in_days('bills.run_date') }}

),

known_weighed as (

    select
        *,
        {{ driver_sums('node', 'not is_of_any_node', 'run_date, billed_cluster, billed_node, driver') }}
    from borne

),

shared_weighed as (

    select
        *,
        -- What has no node, such as what is idle of a cluster, is of all its nodes by what ran on them.
        cast({{ driver_of_node('driver') }} as double) as weight
    from known_weighed
    where {{ driver_of_node('driver') }} is not null

),

{{ exact_ctes(
    'shared_weighed', 'shared', 'run_date, billed_cluster, billed_node, driver', 'run_key', ['run_key'], ['effective_cost_usd']
) }}

select
    {{ comma_list(['run_key'] + kept + cluster_drivers(), 'keyed') }},
    cast(sum(shared.effective_cost_usd) as {{ money() }}) as billed_cost_usd
from keyed
left join shared on keyed.run_date = shared.run_date and keyed.run_key = shared.run_key
group by all
