{{ config(materialized='table') }}

-- Why the vendor counts more or less of a bucket than our logs, in tokens: the causes of a bucket add up to its difference.
with known as (

    select
        balances.*,
        coalesce(calls.unanswered_calls, 0) as unanswered_calls,
        balances.more_requests + coalesce(calls.refused_calls, 0) as unlogged_requests,
        coalesce(repeats.repeated_quantity, 0) as repeated_quantity
    from {{ ref('int_bucket_balances') }} as balances
    left join {{ ref('int_unanswered_calls') }} as calls
        on
            balances.call_date = calls.call_date
            and balances.vendor = calls.vendor
            and balances.account = calls.account
            and balances.model = calls.model
            and balances.service_tier = calls.service_tier
    left join {{ ref('int_repeated_usage') }} as repeats on {{ same_bucket('balances', 'repeats') }}

),

estimated as (

    -- A call that was cut off is billed, and so among the vendor's requests; a call that was refused is not.
    select
        *,
        case
            when unlogged_requests is null then unanswered_calls
            else least(unanswered_calls, greatest(unlogged_requests + unanswered_calls, 0))
        end as aborted_calls,
        greatest(coalesce(unlogged_requests, 0), 0) as missing_calls,
        -- Where the vendor counts no requests, a call that was cut off is taken for no more than ten others.
        case when unlogged_requests is null and logged_requests > unanswered_calls
            then nullif(ceil(aborted_calls * 10 * logged_quantity / (logged_requests - unanswered_calls)), 0)
        end as most_aborted
    from known

),

judged as (

    select
        *,
        case
            when balanced_by is not null then balanced_by
            -- Each call's thousands were rounded.
            when
                {{ bucket_meter('token_class') }} = 'tokens'
                and abs(vendor_quantity - 1000 * logged_quantity)
                <= least(500 * greatest(coalesce(logged_requests, 2), 2), 0.5 * vendor_quantity)
                then 'unit_error'
            when
                {{ bucket_meter('token_class') }} = 'tokens'
                and abs(1000 * vendor_quantity - logged_quantity) <= least(1000, 0.05 * logged_quantity)
                then 'unit_error'
            when rest_quantity > 0 and aborted_calls > 0 then 'aborted_call'
            when rest_quantity > 0 then 'missing_log'
            when repeated_quantity > 0 then 'duplicate_log'
            when is_tier_unknown_to_vendor then 'report_scope'
            else 'unexplained'
        end as cause,
        case
            when cause = 'aborted_call' and missing_calls > 0
                then round(rest_quantity * aborted_calls / (aborted_calls + missing_calls), 0)
            when cause = 'aborted_call' then least(rest_quantity, coalesce(most_aborted, rest_quantity))
            when cause = 'duplicate_log' then greatest(rest_quantity, -repeated_quantity)
            else rest_quantity
        end as quantity
    from estimated

)

select
    {{ bucket_columns() }},
    'cache_semantics' as cause,
    'inferred' as certainty,
    class_quantity as quantity
from known
where class_quantity <> 0
union all
select
    {{ bucket_columns() }},
    cause,
    case
        -- Only the vendor's own count, on its bill or in its report, can be more than ours.
        when balanced_by is not null or cause in ('unit_error', 'report_scope', 'missing_log') then 'proved'
        when cause = 'aborted_call' then case when unlogged_requests <= 0 then 'proved' else 'inferred' end
        when cause = 'duplicate_log' then case when quantity = -repeated_quantity then 'proved' else 'inferred' end
        else 'inferred'
    end as certainty,
    cast(quantity as decimal(38, 6)) as quantity
from judged
where rest_quantity <> 0
union all
select
    {{ bucket_columns() }},
    case when rest_quantity > 0 then 'missing_log' when is_tier_unknown_to_vendor then 'report_scope' else 'unexplained' end as cause,
    -- What is left beside calls that were cut off is as much a guess as their part.
    case when rest_quantity <= 0 and is_tier_unknown_to_vendor then 'proved' else 'inferred' end as certainty,
    cast(rest_quantity - quantity as decimal(38, 6)) as quantity
from judged
where rest_quantity <> quantity
