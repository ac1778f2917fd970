-- Calls of a day that did not end well and brought no output: a stream that was cut off is billed all the same.
select
    calls.call_date,
    calls.provider as vendor,
    {{ bucket_model('calls', 'matches') }} as model,
    {{ bucket_tier('calls.service_tier') }} as service_tier,
    cast(sum(calls.calls) as bigint) as unanswered_calls
from {{ ref('int_calls_daily') }} as calls
left join {{ ref('int_models_resolved') }} as matches
    on calls.call_date = matches.call_date and calls.provider = matches.provider and calls.model = matches.model
where
    calls.status <> 'success'
    and coalesce(calls.output_tokens, 0) + coalesce(calls.reasoning_tokens, 0) = 0
    and calls.provider is not null
    and calls.commitment_id is null
group by 1, 2, 3, 4
