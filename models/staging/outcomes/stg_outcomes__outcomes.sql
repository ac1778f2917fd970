with source as (

    select * from {{ source('raw', 'outcomes') }}

),

told as (

    -- What a later row leaves out, as one that only tells of a new status does, an earlier one says.
    select
        outcome_id,
        {% for column in ['workflow', 'feature', 'customer_id'] -%}
            {{ last_value_by("nullif(trim(" ~ column ~ "), '')", 'occurred_at') }} as {{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from source
    group by outcome_id

),

counted_once as (

    -- A later row of an outcome wins over an earlier one; at the same moment a reversal wins, then a result over an open state.
    select source.*
    from source
    left join {{ ref('stg_outcomes__replaced') }} as replaced
        on source._file_hash = replaced.file_hash and source._row = replaced.file_row
    where replaced.file_row is null

)

select
    once.outcome_id,
    once.trace_id,
    once.outcome_type,
    {% for column in ['workflow', 'feature', 'customer_id'] -%}
        coalesce(nullif(trim(once.{{ column }}), ''), told.{{ column }}) as {{ column }},
    {% endfor -%}
    once.occurred_at,
    once.day as occurred_date,
    once.status,
    once.value,
    {{ currency_of('once.currency') }} as currency,
    once._file_hash as file_hash,
    once._row as file_row
from counted_once as once
inner join told on once.outcome_id = told.outcome_id
