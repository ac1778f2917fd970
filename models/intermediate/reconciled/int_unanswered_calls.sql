-- Calls of a day that did not end well: of those without output a stream that was cut off is billed all the same; a call that was turned
-- away is not, nor does the vendor count its request. A model that answers nobody (embeddings, say) tells nothing by its silence.
with calls as (

    select
        *,
        coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) as answered_tokens,
        sum(coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0)) over (partition by call_date, provider, model) > 0 as is_answering
    from {{ ref('int_calls_daily') }}

)

select
    calls.call_date,
    calls.provider as vendor,
    {{ bucket_account('calls', 'told') }} as account,
    {{ bucket_model('calls', 'matches') }} as model,
    {{ bucket_tier('calls.service_tier') }} as service_tier,
    cast(
        coalesce(
            sum(calls.calls - calls.refused_calls) filter (
                where calls.answered_tokens = 0 and (calls.is_answering or calls.status = 'failure')
            ), 0
        ) as bigint
    ) as unanswered_calls,
    cast(sum(calls.refused_calls) as bigint) as refused_calls
from calls
left join {{ ref('int_models_resolved') }} as matches
    on calls.call_date = matches.call_date and calls.provider = matches.provider and calls.model = matches.model
left join {{ ref('int_bucket_accounts') }} as told
    on calls.call_date = told.call_date and calls.provider = told.vendor
where
    calls.status <> 'success'
    and calls.provider is not null
    and calls.commitment_id is null
group by 1, 2, 3, 4, 5
