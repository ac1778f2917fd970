{{ config(materialized='days', day='charge_date', day_map='int_charge_day_map') }}
-- depends_on: {{ ref('int_charge_day_map') }}

-- The second exact step: what a line bills of a bucket, over those whose usage the bucket is.
{%- set whole = 'charge_date, cost_line_id, bucket_key, kind' %}
{%- set line_columns = ['charge_date', 'cost_line_id', 'bucket_key', 'kind', 'call_date', 'vendor'] + allocated_amounts() %}
with line_parts as (

    select * from {{ ref('int_line_parts') }}
    where {{ in_days('charge_date') }}

),

of_calls as (

    select
        {{ comma_list(line_columns, 'line_parts') }},
        {{ targets('targets') }},
        cast(null as varchar) as reason,
        targets.contracted_cost_usd as cost_usd,
        targets.quantity
    from line_parts
    inner join {{ ref('int_bucket_targets') }} as targets on {{ same_bucket('line_parts', 'targets') }}
    where line_parts.kind = 'logged'

),

of_others as (

    select
        {{ comma_list(line_columns) }},
        {{ targets() }},
        reason,
        cost_usd,
        quantity
    from {{ ref('int_parts_without_calls') }}
    where {{ in_days('charge_date') }}

),

of_nobody as (

    select
        {{ comma_list(line_columns, 'line_parts') }},
        {% for column in target_columns() -%}
            {% if column == 'workflow' -%}
                case line_parts.kind when 'unlogged' then '(unlogged usage)' else '(unreconciled)' end as workflow,
            {% elif column in ['environment', 'team', 'product'] -%}
                coalesce(owners.{{ column }}, '(unallocated)') as {{ column }},
            {% else -%}
                '(unallocated)' as {{ column }},
            {% endif -%}
        {% endfor -%}
        case line_parts.kind
            when 'unlogged' then 'the vendor counts usage that no log has'
            else 'the bill is too far from what we metered to be put on calls'
        end as reason,
        cast(null as {{ money() }}) as cost_usd,
        coalesce(owners.quantity, 1) as quantity
    from line_parts
    left join {{ ref('int_unlogged_owners') }} as owners on line_parts.kind = 'unlogged' and {{ same_bucket('line_parts', 'owners') }}
    where line_parts.kind <> 'logged'

),

borne as (

    select * from of_calls
    union all
    select * from of_others
    union all
    select * from of_nobody

),

weighed as (

    select
        *,
        {{ target_key() }} as target_key,
        case
            when sum(cost_usd) over (partition by {{ whole }}) > 0 then cast(coalesce(cost_usd, 0) as double)
            else cast(quantity as double)
        end as weight
    from borne

)

{{ exact_parts('weighed', whole, 'target_key', ['call_date', 'vendor', 'reason'] + target_columns()) }}
