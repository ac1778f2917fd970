-- The floor: what a hand-written script needs for the calls alone, from the same raw Parquet to three tables in `floor`.
-- Variables: calls (list of Parquet paths), price_book, model_matches, config (folder).

create or replace temp view raw_calls as
select * from read_parquet(getvariable('calls'), hive_partitioning = true, hive_types = {'day': date});

-- The price of each model on each day that it was used, by tier, part of the day and size of input.
create temp table prices as
with book as (
    select * exclude (catalogue, known_from, known_to) from read_parquet(getvariable('price_book'))
    where catalogue = 'genai-prices' and known_to = '9999-12-31'
),
used as (
    select distinct
        day, coalesce(lower(custom_llm_provider), '') as provider, model, coalesce(lower(service_tier), 'standard') as service_tier
    from raw_calls
),
matches as (
    select coalesce(lower(provider), '') as provider, model, min(price_provider) as price_provider, min(price_model) as price_model
    from read_parquet(getvariable('model_matches')) group by all
)
select
    u.day, u.provider, u.model, u.service_tier, m.price_provider, m.price_model,
    b.* exclude (price_provider, price_model, service_tier, valid_from, valid_to)
from used as u
join matches as m on u.provider = m.provider and u.model = m.model
join book as b on b.price_provider = m.price_provider and b.price_model = m.price_model
where u.day >= b.valid_from and u.day < b.valid_to and b.service_tier in (u.service_tier, 'standard')
qualify rank() over (partition by u.day, u.provider, u.model, u.service_tier order by b.service_tier = u.service_tier desc) = 1;

create temp table owners as
select * from read_csv(getvariable('config') || '/api_keys.csv', all_varchar = true, header = true);
create temp table workflows as
select * from read_csv(getvariable('config') || '/workflows.csv', all_varchar = true, header = true);

-- Landed lines that repeat another one of the same day: few, so they are found among ids alone.
create temp table repeated as
with ids as (
    select day, request_id from raw_calls group by all having count(*) > 1
)
select day, _file_hash, _row
from raw_calls join ids using (day, request_id)
qualify row_number() over (partition by day, request_id order by ended_at desc, total_tokens desc, _file_hash, _row) > 1;

create table floor.calls as
with once as (
    select
        request_id as call_id, day as call_date, started_at as called_at, ended_at,
        lower(nullif(custom_llm_provider, '')) as provider, nullif(model, '') as model, api_key,
        user_api_key_alias as api_key_alias, nullif(session_id, '') as trace_id, spend_logs_metadata['retry_of'] as retry_of,
        coalesce(lower(status), 'unknown') as status, coalesce(lower(service_tier), 'standard') as service_tier, user_id,
        spend_logs_metadata['prompt_version'] as prompt_version, _file_hash as file_hash, _row as file_row,
        lower(cache_hit) = 'true' as is_gateway_cache_hit,
        request_tags as t, spend_logs_metadata as m, team_id, end_user,
        r.cache_read as cache_read_tokens, r.write_5m as cache_write_5m_tokens, r.write_1h as cache_write_1h_tokens,
        r.reasoning as reasoning_tokens, r.audio_in as audio_input_tokens, r.audio_out as audio_output_tokens,
        r.image_in as image_input_tokens, r.image_out as image_output_tokens,
        prompt_tokens - case when prompt_tokens >= in_prompt then in_prompt else 0 end as input_uncached_tokens,
        completion_tokens - case when completion_tokens >= in_completion then in_completion else 0 end as output_tokens,
        input_uncached_tokens + in_prompt as input_tokens,
        total_tokens as reported_tokens, coalesce(r.web_searches, 0) as web_searches, spend as reported_cost_usd
    from (
        select
            *,
            coalesce(reported_cache_read_tokens, 0) as cache_read,
            coalesce(reported_cache_write_1h_tokens, 0) as write_1h,
            greatest(coalesce(reported_cache_write_5m_tokens, 0), coalesce(reported_cache_write_tokens, 0) - write_1h) as write_5m,
            coalesce(reported_reasoning_tokens, 0) as reasoning,
            coalesce(reported_audio_input_tokens, 0) as audio_in, coalesce(reported_audio_output_tokens, 0) as audio_out,
            coalesce(reported_image_input_tokens, 0) as image_in, coalesce(reported_image_output_tokens, 0) as image_out,
            cache_read + write_5m + write_1h + audio_in + image_in as in_prompt,
            reasoning + audio_out + image_out as in_completion
        from raw_calls
    ) as r
    where not exists (from repeated as d where d.day = r.day and d._file_hash = r._file_hash and d._row = r._row)
)
select
    c.* exclude (t, m, team_id, end_user, input_tokens),
    coalesce(nullif(t['environment'], ''), nullif(t['env'], ''), nullif(m['environment'], ''), k.environment, a.environment)
        as environment,
    coalesce(nullif(t['team'], ''), nullif(m['team'], ''), nullif(team_id, ''), k.team, a.team, w.owner) as team,
    coalesce(nullif(t['product'], ''), nullif(m['product'], ''), k.product, a.product, w.product) as product,
    coalesce(nullif(t['feature'], ''), nullif(m['feature'], ''), w.feature) as feature,
    coalesce(nullif(t['workflow'], ''), nullif(m['workflow'], '')) as workflow,
    coalesce(
        nullif(t['customer'], ''), nullif(t['customer_id'], ''), nullif(m['customer_id'], ''), nullif(m['tenant'], ''),
        nullif(end_user, ''), case when w.is_internal = 'true' then '(internal)' end
    ) as customer_id,
    p.price_provider, p.price_model,
    case when c.is_gateway_cache_hit then 0 when p.price_model is not null then (
        case when c.input_uncached_tokens = 0 then 0 else c.input_uncached_tokens::decimal(18, 0) * p.input_uncached_price end
        + case when c.cache_read_tokens = 0 then 0 else c.cache_read_tokens::decimal(18, 0) * p.cache_read_price end
        + case when c.cache_write_5m_tokens = 0 then 0 else c.cache_write_5m_tokens::decimal(18, 0) * p.cache_write_5m_price end
        + case when c.cache_write_1h_tokens = 0 then 0 else c.cache_write_1h_tokens::decimal(18, 0) * p.cache_write_1h_price end
        + case when c.output_tokens = 0 then 0 else c.output_tokens::decimal(18, 0) * p.output_price end
        + case when c.reasoning_tokens = 0 then 0 else c.reasoning_tokens::decimal(18, 0) * p.reasoning_price end
        + case when c.audio_input_tokens = 0 then 0 else c.audio_input_tokens::decimal(18, 0) * p.audio_input_price end
        + case when c.audio_output_tokens = 0 then 0 else c.audio_output_tokens::decimal(18, 0) * p.audio_output_price end
        + case when c.image_input_tokens = 0 then 0 else c.image_input_tokens::decimal(18, 0) * p.image_input_price end
        + case when c.image_output_tokens = 0 then 0 else c.image_output_tokens::decimal(18, 0) * p.image_output_price end
        + case when c.web_searches = 0 then 0 else c.web_searches::decimal(18, 0) * p.web_searches_price end
        + coalesce(p.requests_price, 0)
    )::decimal(38, 18) end as list_cost_usd,
    list_cost_usd as contracted_cost_usd
from once as c
left join owners as k on c.api_key = k.api_key
left join owners as a on c.api_key_alias = a.key_alias and a.api_key is null
left join workflows as w on coalesce(nullif(t['workflow'], ''), nullif(m['workflow'], '')) = w.workflow
left join prices as p on
    c.call_date = p.day and coalesce(c.provider, '') = p.provider and c.model = p.model and c.service_tier = p.service_tier
    and extract(hour from c.called_at) * 3600 + extract(minute from c.called_at) * 60 + floor(extract(second from c.called_at))
        >= p.from_second
    and extract(hour from c.called_at) * 3600 + extract(minute from c.called_at) * 60 + floor(extract(second from c.called_at))
        < p.to_second
    and c.input_tokens > p.input_tokens_over
    and c.input_tokens <= p.input_tokens_up_to;

create table floor.usage_daily as
select
    call_date, provider, model, api_key, api_key_alias, service_tier, status, list_cost_usd is not null as is_priced,
    coalesce(environment, '(unallocated)') as environment,
    coalesce(team, '(unallocated)') as team,
    coalesce(product, '(unallocated)') as product,
    coalesce(feature, '(unallocated)') as feature,
    coalesce(workflow, '(unallocated)') as workflow,
    coalesce(customer_id, '(unallocated)') as customer_id,
    count(*) as calls, count(trace_id) as traced_calls,
    sum(input_uncached_tokens)::bigint as input_uncached_tokens, sum(cache_read_tokens)::bigint as cache_read_tokens,
    sum(cache_write_5m_tokens)::bigint as cache_write_5m_tokens, sum(cache_write_1h_tokens)::bigint as cache_write_1h_tokens,
    sum(output_tokens)::bigint as output_tokens, sum(reasoning_tokens)::bigint as reasoning_tokens,
    sum(audio_input_tokens)::bigint as audio_input_tokens, sum(audio_output_tokens)::bigint as audio_output_tokens,
    sum(image_input_tokens)::bigint as image_input_tokens, sum(image_output_tokens)::bigint as image_output_tokens,
    sum(web_searches)::bigint as web_searches, sum(list_cost_usd) as list_cost_usd,
    sum(contracted_cost_usd) as contracted_cost_usd, sum(reported_cost_usd) as reported_cost_usd
from floor.calls
group by all;

create table floor.traces as
select
    trace_id, min(call_date) as trace_date, min(called_at) as started_at, max(coalesce(ended_at, called_at)) as ended_at,
    arg_max(status, called_at) as status,
    min(environment) as environment, min(team) as team, min(product) as product, min(feature) as feature,
    min(workflow) as workflow, min(customer_id) as customer_id,
    count(*) as calls, count(*) filter (status = 'failure') as failed_calls, count(retry_of) as retries,
    count(*) filter (list_cost_usd is null) as unpriced_calls,
    sum(input_uncached_tokens)::bigint as input_uncached_tokens, sum(cache_read_tokens)::bigint as cache_read_tokens,
    sum(cache_write_5m_tokens)::bigint as cache_write_5m_tokens, sum(cache_write_1h_tokens)::bigint as cache_write_1h_tokens,
    sum(output_tokens)::bigint as output_tokens, sum(reasoning_tokens)::bigint as reasoning_tokens,
    sum(audio_input_tokens)::bigint as audio_input_tokens, sum(audio_output_tokens)::bigint as audio_output_tokens,
    sum(image_input_tokens)::bigint as image_input_tokens, sum(image_output_tokens)::bigint as image_output_tokens,
    sum(list_cost_usd) as list_cost_usd, sum(contracted_cost_usd) as contracted_cost_usd
from floor.calls
where trace_id is not null
group by trace_id;
