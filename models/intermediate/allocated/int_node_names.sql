-- By which names a bill may mean a node: the node's own, its machine's, and of a scale set's machine the set's, which is what is billed.
{% for name in [
    node_name('node'), node_name('provider_id'), matched_group(node_name('node'), '^(.*vmss)[0-9a-z]{6}$', 1),
] -%}
    select
        run_date as charge_date,
        coalesce(cluster, '(unknown)') as cluster, -- noqa: RF04
        node,
        {{ name }} as node_name
    from {{ ref('int_pod_days') }}
    where {{ name }} is not null
    {{ 'union' if not loop.last }}
{% endfor %}
