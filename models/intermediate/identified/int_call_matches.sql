{{ config(materialized='days', day='sighting_date', day_before=3, day_after=2, meta={'fingerprint': 'content'}) }}

-- One call in several records: the same response id, or the same request id, at most a day apart. Found by ids alone: a span of a request
-- that failed without any has those of the record that it is paired with.
with sightings as (

    {{ sightings_with_ids(3, 2) }}

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
