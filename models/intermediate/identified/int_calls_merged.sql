{{ config(materialized='days', day='call_date', day_after=1, meta={'fingerprint': 'content'}) }}

-- The tokens of the fullest record; of all else what any record knows, the fullest first. Where it stands in a run, a tracing tool's.
-- The provider is a gateway's, which knows whom it asked, where a tracing tool may say by whose API is spoken; of a record that knows the
-- model, too. The model is that of the fullest record that names this provider: one provider's name of a model may be none at another's.
{%- set counted = ['source', 'file_hash', 'file_row', 'call_id', 'reported_tokens'] %}
{%- for meter in all_meters() -%}{%- do counted.append(quantity_of(meter)) -%}{%- endfor %}
{%- set named = ['provider', 'model'] %}
{%- set placed = ['trace_id', 'parent_id'] %}
{%- set apart = ['call_date', 'called_at', 'is_gateway_cache_hit', 'is_model_step', 'is_lookup', 'sample_rate', 'status', 'service_tier'] %}
{%- set told_apart = counted + apart + named + placed %}
with matches as (

    select * from {{ ref('int_call_matches') }}
    where {{ in_days('sighting_date', 0, 1) }} and {{ in_days('call_date') }}

),

records as (

    select
        calls.*,
        matches.match_key,
        matches.call_date as first_date,
        matches.fullness_rank,
        matches.is_conflict,
        first_value(calls.provider) over (
            partition by matches.match_key, matches.call_date
            order by
                case when calls.provider is null or calls.model is null then 1 else 0 end,
                {{ tracing_rank('calls.source') }} desc,
                matches.fullness_rank
        ) as asked_provider,
        -- Whether Langfuse has the very span that a collector has: it does not know that it was sampled.
        calls.source = 'langfuse' and max(case when calls.source = 'otel' then 1 else 0 end) over (
            partition by
                matches.match_key,
                matches.call_date,
                case when calls.source = 'langfuse' then calls.trace_id || '-' || calls.call_id else calls.call_id end
        ) = 1 as is_copy
    from {{ ref('int_calls_attributed') }} as calls
    inner join matches
        on
            calls.call_date = matches.sighting_date
            and calls.source = matches.source
            and calls.file_hash = matches.file_hash
            and calls.file_row = matches.file_row
    where {{ in_days('calls.call_date', 0, 1) }}

),

known as (

    select
        match_key,
        first_date as call_date,
        {% for column in counted -%}
            max(case when fullness_rank = 1 then {{ column }} end) as {{ column }},
        {% endfor -%}
        {% for column in (call_column_names() + target_columns() + attributed_by_columns()) | reject('in', told_apart) -%}
            {{ first_known(column, 'fullness_rank') }} as {{ column }},
        {% endfor -%}
        {% for column in named -%}
            {{ first_known(column, '(case when provider = asked_provider then 0 else 1 end, fullness_rank)') }} as {{ column }},
        {% endfor -%}
        {% for column in placed -%}
            {{ first_known(column, '(' ~ tracing_rank('source') ~ ', fullness_rank)') }} as {{ column }},
        {% endfor -%}
        min(called_at) as called_at,
        coalesce({{ first_known("nullif(status, 'unknown')", 'fullness_rank') }}, 'unknown') as status,
        coalesce({{ first_known("nullif(service_tier, 'standard')", 'fullness_rank') }}, 'standard') as service_tier,
        max(case when is_gateway_cache_hit then 1 else 0 end) = 1 as is_gateway_cache_hit,
        max(case when is_model_step then 1 else 0 end) = 1 as is_model_step,
        max(case when is_lookup then 1 else 0 end) = 1 as is_lookup,
        -- What one source saw without sampling needs no estimate.
        case when count(case when not is_copy then 1 end) = count(sample_rate) then max(sample_rate) end as sample_rate,
        {{ joined_distinct('source') }} as seen_by,
        count(*) as sighting_count,
        max(case when is_conflict then 1 else 0 end) = 1 as has_conflicting_sightings
    from records
    group by match_key, first_date

)

select
    {{ call_columns() }},
    {{ targets() }},
    {{ comma_list(attributed_by_columns()) }},
    {{ comma_list(sighting_columns()) }}
from known
