-- Traces by hand, of those that start on some days: each from its first call to its last, on the day on which it starts. It knows no
-- spans, and no trace that lasts for more than a day.
select
    min(call_date) as trace_date,
    trace_id,
    min(called_at) as started_at,
    max(ended_at) as ended_at,
    arg_max(status, called_at) as status,
    min(environment) as environment,
    min(team) as team,
    min(product) as product,
    min(feature) as feature,
    min(workflow) as workflow,
    min(customer_id) as customer_id,
    string_agg(distinct model, ', ' order by model) as models,
    arg_max(input_uncached_tokens + cache_read_tokens, called_at) - arg_min(input_uncached_tokens + cache_read_tokens, called_at)
        as context_growth_tokens,
    count(*) as calls,
    count(*) filter (where status = 'failure') as failed_calls,
    count(retry_of) as retries,
    count(*) - count(retry_of) as loops,
    sum(input_uncached_tokens)::bigint as input_uncached_tokens,
    sum(cache_read_tokens)::bigint as cache_read_tokens,
    sum(output_tokens)::bigint as output_tokens,
    sum(reasoning_tokens)::bigint as reasoning_tokens,
    sum(list_cost_usd)::decimal(38, 18) as list_cost_usd,
    sum(contracted_cost_usd)::decimal(38, 18) as contracted_cost_usd
from intermediate.int_calls_priced
where call_date between date '{first}' - 1 and date '{last}' + 1
group by trace_id
having min(call_date) between date '{first}' and date '{last}'
