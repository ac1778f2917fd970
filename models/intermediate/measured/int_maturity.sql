-- What counts outcomes of several types is mature when all types are that there are outcomes of.
with types as (

    select distinct outcome_type
    from {{ ref('int_outcomes') }}

)

select
    metrics.metric,
    max(coalesce(windows.days, {{ var('maturity_days', 30) }})) as maturity_days
from {{ ref('unit_metrics') }} as metrics
inner join types on metrics.outcome_type in (types.outcome_type, '(any)')
left join {{ ref('stg_company__maturity_windows') }} as windows on types.outcome_type = windows.outcome_type
group by metrics.metric
