{# Every record of a call on the days being built and on those before and after them, with the ids that it may be matched by. #}
{% macro sightings_with_ids(before, after) -%}
with records as (

    select
        calls.call_date as sighting_date,
        {{ comma_list(['source', 'file_hash', 'file_row', 'own_id', 'all_tokens', 'known_classes'], 'calls') }},
        told.own_id as paired_id,
        coalesce(calls.response_id, told.response_id) as response_id,
        coalesce(calls.request_id, told.request_id) as request_id
    from {{ ref('int_call_sightings') }} as calls
    left join {{ ref('int_failures_told_twice') }} as told
        on {{ same_columns_of('calls', 'told', ['call_date', 'source', 'file_hash', 'file_row']) }}
    where {{ in_days('calls.call_date', before, after) }}

),

copies as (

    -- What a collector and Langfuse both have is one span: both records have the ids that one of them knows.
    select
        sighting_date,
        own_id,
        min(paired_id) as paired_id,
        min(response_id) as response_id,
        min(request_id) as request_id
    from records
    where source in ('otel', 'langfuse')
    group by sighting_date, own_id
    having min(source) <> max(source)

)

select
    {{ comma_list(['sighting_date', 'source', 'file_hash', 'file_row', 'known_classes'], 'records') }},
    coalesce(records.paired_id, copies.paired_id) as paired_to,
    coalesce(paired_to, records.own_id) as own_id,
    coalesce(records.response_id, copies.response_id) as response_id,
    -- Where no request is told, the span is the request.
    coalesce(
        records.request_id,
        copies.request_id,
        case when paired_to is null and records.source in ('otel', 'langfuse') then records.own_id end
    ) as request_id,
    -- Zeros of a span that failed are no count that another record could differ from.
    case when paired_to is null then records.all_tokens end as all_tokens
from records
left join copies on records.sighting_date = copies.sighting_date and records.own_id = copies.own_id
{%- endmacro %}
