{{ config(materialized='days', day='call_date', day_before=1, meta={'fingerprint': 'content'}) }}

-- Spans do not say what they repeat. A call right after one that failed, beneath the same span, to the same model, begun when that one
-- had ended (or where its end is unknown, later than it), is taken to repeat it, also past midnight.
-- What failed names the model that was asked for, and what
-- was answered the version that answered: to the price book they are one.
{%- set beneath_one = "partition by trace_id, coalesce(parent_id, '') order by called_at, source, call_id" %}
with ordered as (

    select
        call_date,
        source,
        call_id,
        model,
        price_model,
        called_at,
        retry_of,
        {% for column in ['call_date', 'call_id', 'model', 'price_model', 'status', 'called_at', 'ended_at'] -%}
            lag({{ column }}) over ({{ beneath_one }}) as last_{{ column }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_calls_priced') }}
    where trace_id is not null and {{ is_in_spans() }} and {{ in_days('call_date', 1, 0) }}

)

select
    call_date,
    source,
    call_id,
    last_call_id as retry_of
from ordered
where
    {{ in_days('call_date') }}
    and retry_of is null
    and last_call_date >= call_date - 1
    and last_status = 'failure'
    and (last_model = model or last_price_model = price_model)
    and case when last_ended_at is null then called_at > last_called_at else called_at >= last_ended_at end
