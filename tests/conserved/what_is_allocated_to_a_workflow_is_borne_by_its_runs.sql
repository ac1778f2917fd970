-- Law 1: from both ends, by day: what stands on those who have calls is what their runs bear, calls of no trace included; and of what
-- is allocated to a workflow nothing is left where it has calls for whom it stands.
with runs as (

    select
        call_date,
        sum(
            coalesce(effective_cost_usd, 0) + coalesce(infrastructure_cost_usd, 0) + coalesce(licences_cost_usd, 0)
        ) as effective_usd,
        sum(coalesce(billed_cost_usd, 0)) as billed_usd
    from {{ ref('int_trace_costs') }}
    group by call_date

),

usage as (

    select distinct
        call_date,
        {{ targets() }}
    from {{ ref('int_trace_usage') }}

),

allocated as (

    select
        pools.call_date,
        coalesce(sum(pools.cost_usd) filter (where pools.cost_kind not in ('billed', 'billed_other')), 0) as effective_usd,
        coalesce(sum(pools.cost_usd) filter (where pools.cost_kind in ('billed', 'billed_other')), 0) as billed_usd
    from {{ ref('int_cost_pools') }} as pools
    where
        exists (
            select 1 from usage
            where
                pools.call_date = usage.call_date and pools.workflow = usage.workflow
                {% for column in target_columns() if column != 'workflow' -%}
                    and (
                        pools.{{ column }} = usage.{{ column }}
                        or (pools.{{ column }} = '(unallocated)' and pools.cost_kind not in ('calls', 'billed'))
                    )
                {% endfor %}
        )
        and (pools.cost_kind in ('calls', 'billed') or pools.workflow <> '(unallocated)')
    group by pools.call_date

)

select *
from runs
full outer join allocated on runs.call_date = allocated.call_date
where
    coalesce(runs.effective_usd, 0) <> coalesce(allocated.effective_usd, 0)
    or coalesce(runs.billed_usd, 0) <> coalesce(allocated.billed_usd, 0)
