-- Bills name a node by one of its names, or by a path that ends in one.
with named as (

    {% for column in ['node', 'provider_id'] -%}
        select
            charge_date,
            lower({{ column }}) as node_name,
            coalesce(cluster, '') as cluster -- noqa: RF04
        from {{ ref('stg_opencost__allocations') }}
        where {{ column }} is not null
        {{ 'union' if not loop.last }}
    {% endfor %}

)

select
    charge_date,
    node_name,
    min(cluster) as cluster -- noqa: RF04
from named
group by charge_date, node_name
