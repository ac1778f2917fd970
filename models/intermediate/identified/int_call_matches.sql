{{ config(materialized='days', day='sighting_date', day_before=3, day_after=2, meta={'fingerprint': 'content'}) }}

-- One call in several records: the same response id, or the same request id, at most a day apart. Found by ids alone: a span of a request
-- that failed without any has those of the record that it is paired with.
with records as (

    select
        calls.call_date as sighting_date,
        {{ comma_list(['source', 'file_hash', 'file_row', 'own_id', 'all_tokens', 'known_classes'], 'calls') }},
        told.own_id as paired_id,
        coalesce(calls.response_id, told.response_id) as response_id,
        coalesce(calls.request_id, told.request_id) as request_id
    from {{ ref('int_call_sightings') }} as calls
    left join {{ ref('int_failures_told_twice') }} as told
        on
            calls.call_date = told.call_date
            and calls.source = told.source
            and calls.file_hash = told.file_hash
            and calls.file_row = told.file_row
    where {{ in_days('calls.call_date', 3, 2) }}

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

),

sightings as (

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

),

answers as (

    -- A record that knows both ids tells which response the records that know only the request belong to.
    select
        asked.sighting_date,
        asked.request_id,
        min(answered.response_id) as response_id
    from sightings as asked
    inner join sightings as answered
        on
            asked.request_id = answered.request_id
            and answered.sighting_date between asked.sighting_date - 1 and asked.sighting_date + 1
    where asked.response_id is null and answered.response_id is not null
    group by asked.sighting_date, asked.request_id

),

keyed as (

    select
        sightings.*,
        coalesce(
            'response|' || coalesce(sightings.response_id, answers.response_id), 'request|' || sightings.request_id, sightings.own_id
        ) as match_key
    from sightings
    left join answers on sightings.sighting_date = answers.sighting_date and sightings.request_id = answers.request_id

),

repeated as (

    select match_key
    from keyed
    group by match_key
    having count(*) > 1

),

seen as (

    select
        keyed.match_key,
        keyed.sighting_date,
        lag(keyed.sighting_date) over (partition by keyed.match_key order by keyed.sighting_date) as seen_before,
        lag(keyed.sighting_date, 2) over (partition by keyed.match_key order by keyed.sighting_date) as seen_before_that
    from keyed
    inner join repeated on keyed.match_key = repeated.match_key
    group by keyed.match_key, keyed.sighting_date

),

owned as (

    -- A record belongs to the day before where its call was seen there, and not yet on the day before that.
    select
        keyed.*,
        coalesce(keyed.sighting_date - 2 in (seen.seen_before, seen.seen_before_that), false) as is_further_apart,
        keyed.sighting_date - case
            when
                seen.seen_before = keyed.sighting_date - 1
                and coalesce(seen.seen_before_that <> keyed.sighting_date - 2, true)
                then 1
            else 0
        end as call_date
    from keyed
    inner join seen on keyed.match_key = seen.match_key and keyed.sighting_date = seen.sighting_date

)

-- The fullest record is the one that tells most classes of tokens, then most tokens; one that tells none is the last.
select
    {{ comma_list(['sighting_date', 'source', 'file_hash', 'file_row', 'match_key', 'call_date', 'is_further_apart']) }},
    count(*) over (partition by match_key, call_date) as sighting_count,
    row_number() over (
        partition by match_key, call_date
        order by known_classes desc, coalesce(all_tokens, -1) desc, source asc, file_hash asc, file_row asc
    ) as fullness_rank,
    coalesce(all_tokens <> max(all_tokens) over (partition by match_key, call_date), false) as is_conflict
from owned
qualify (sighting_count > 1 or is_further_apart) and {{ in_days('sighting_date') }}
