{{ config(materialized='days', day='call_date', day_before=1, day_after=1, meta={'fingerprint': 'content'}) }}

-- A span of a request that failed often has neither usage nor an id that a gateway's record of it could be matched by. It is paired with
-- the record of one that failed while the span lasted, give or take a second, at the same model, or where one does not know it at the same
-- provider as far as both know that: those of one provider first, then the nearest, each span with one record and each record with one
-- span of a tracing tool, with none where the tool tells of it by its id. A tool may call a provider by whose API is spoken, as Azure's is
-- OpenAI's: a record at another provider is paired only where it begins with the span, or as the span ends, for others fail meanwhile.
{%- set traced, others = [], [] %}
{%- for source, model in models_of('calls').items() %}
    {%- do (traced if landed_sources()[source].get('traces') else others).append(model) %}
{%- endfor %}
{%- set span, record = ['call_date', 'source', 'file_hash', 'file_row'], ['own_id', 'response_id', 'request_id'] %}
{%- set seconds = 'abs(' ~ seconds_between('spans.called_at', 'logged.called_at') ~ ')' %}
{%- set seconds_to_end = 'abs(' ~ seconds_between('spans.ended_at', 'logged.called_at') ~ ')' %}
{%- set apart = 'coalesce(spans.provider <> logged.provider, false), ' ~ seconds %}
with spans as (

    {% for model in traced -%}
        select
            call_date,
            source,
            file_hash,
            file_row,
            call_id,
            called_at,
            ended_at,
            provider,
            {{ asked_model('model') }} as model,
            response_id,
            request_id,
            is_model_step
        from {{ ref(model) }}
        where {{ in_days('call_date', 1, 1) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

failures as (

    {% for model in others -%}
        select
            call_date,
            called_at,
            source || '|' || call_id as own_id,
            provider,
            {{ asked_model('model') }} as model,
            response_id,
            request_id
        from {{ ref(model) }}
        where status = 'failure' and {{ in_days('call_date') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

logged as (

    -- Several logs may tell of one request.
    select *
    from failures
    qualify row_number() over (
        partition by call_date, coalesce('response|' || response_id, 'request|' || request_id, own_id) order by called_at, own_id
    ) = 1

),

near as (

    select
        {{ comma_list(span, 'spans') }},
        {{ comma_list(record, 'logged') }},
        row_number() over (
            partition by spans.call_date, spans.source, spans.call_id order by {{ apart }}, logged.called_at, logged.own_id
        ) as record_rank,
        row_number() over (
            partition by spans.call_date, spans.source, logged.own_id order by {{ apart }}, spans.called_at, spans.call_id
        ) as span_rank
    from spans
    inner join logged
        on
            spans.call_date = logged.call_date
            and logged.called_at >= spans.called_at - interval '1' second
            and logged.called_at <= coalesce(spans.ended_at, spans.called_at) + interval '1' second
            and coalesce(spans.model = logged.model, spans.provider = logged.provider, true)
            and (coalesce(spans.provider = logged.provider, true) or {{ seconds }} <= 1 or {{ seconds_to_end }} <= 1)
    left join spans as by_response
        on
            spans.source = by_response.source
            and logged.response_id = by_response.response_id
            and by_response.call_date between logged.call_date - 1 and logged.call_date + 1
    left join spans as by_request
        on
            spans.source = by_request.source
            and logged.request_id = by_request.request_id
            and by_request.call_date between logged.call_date - 1 and logged.call_date + 1
    where
        not spans.is_model_step and spans.response_id is null and spans.request_id is null
        and by_response.call_id is null and by_request.call_id is null
        and {{ in_days('spans.call_date') }}

)

-- The first record of the first span, the second of the second: of equals sent at once each has its own.
select {{ comma_list(span + record) }}
from near
where record_rank = span_rank
qualify
    row_number() over (partition by call_date, source, file_hash, file_row order by record_rank) = 1
    and row_number() over (partition by call_date, source, own_id order by record_rank) = 1
