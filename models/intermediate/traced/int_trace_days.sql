{{ config(materialized='days', day='call_date') }}

-- A trace's part of one day: what its calls of that day add up to.
select
    call_date,
    trace_id,
    min(called_at) as first_called_at,
    max(coalesce(ended_at, called_at)) as last_ended_at,
    cast(count(*) as bigint) as calls,
    cast(count(*) filter (where status = 'failure') as bigint) as failed_calls,
    cast(count(retry_of) as bigint) as retries,
    cast(count(*) filter (where pricing_status <> 'priced') as bigint) as unpriced_calls,
    {{ last_value_by('status', 'called_at') }} as last_status,
    {% for column in target_columns() -%}
        min({{ column }}) as {{ column }},
    {% endfor -%}
    {% for class in token_classes() -%}
        cast(sum({{ class }}_tokens) as bigint) as {{ class }}_tokens,
    {% endfor -%}
    cast(sum(list_cost_usd) as {{ money() }}) as list_cost_usd,
    cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd
from {{ ref('int_calls_priced') }}
where trace_id is not null and {{ in_days('call_date') }}
group by call_date, trace_id
