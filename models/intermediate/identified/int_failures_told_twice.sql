{{ config(materialized='days', day='call_date', meta={'fingerprint': 'content'}) }}

-- A span of a request that failed often has neither usage nor an id that a gateway's record of it could be matched by: where another log
-- has a request that failed while the span lasted, give or take a second, it is that one.
{%- set traced, others = [], [] %}
{%- for source, model in models_of('calls').items() %}
    {%- do (traced if landed_sources()[source].get('traces') else others).append(model) %}
{%- endfor %}
with spans as (

    {% for model in traced -%}
        select
            call_date,
            source,
            file_hash,
            file_row,
            called_at,
            coalesce(ended_at, called_at) as ended_at
        from {{ ref(model) }}
        where
            status = 'failure' and coalesce({{ tokens_sum(token_classes()) }}, 0) = 0
            and coalesce(response_id, request_id) is null and {{ in_days('call_date') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

logged as (

    {% for model in others -%}
        select
            call_date,
            called_at
        from {{ ref(model) }}
        where status = 'failure' and {{ in_days('call_date') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

select distinct
    spans.call_date,
    spans.source,
    spans.file_hash,
    spans.file_row
from spans
inner join logged
    on
        spans.call_date = logged.call_date
        and logged.called_at between spans.called_at - interval '1' second and spans.ended_at + interval '1' second
