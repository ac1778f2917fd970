{{ config(materialized='days', day='finding_date') }}

-- What a person should know of: nothing here is counted twice or left out in silence, and each is to be looked at.
{% for parts in landed_sources().values() | selectattr('day', 'defined') -%}
    select
        row_date as finding_date,
        'conflicting_repeat' as finding,
        source,
        file_hash,
        file_row as source_row,
        cast(null as varchar) as subject,
        cast(null as varchar) as counted_source,
        cast(1 as bigint) as record_count,
        cast(null as varchar) as billing_currency,
        cast(null as {{ money() }}) as billed_cost
    from {{ ref(parts.left_out) }}
    where is_conflict and {{ in_days('row_date') }}
    union all
{% endfor -%}
select
    sighting_date as finding_date,
    case when is_further_apart then 'same_id_days_apart' else 'records_disagree' end as finding,
    source,
    file_hash,
    file_row as source_row,
    match_key as subject,
    cast(null as varchar) as counted_source,
    cast(1 as bigint) as record_count,
    cast(null as varchar) as billing_currency,
    cast(null as {{ money() }}) as billed_cost
from {{ ref('int_call_matches') }}
where (is_conflict or is_further_apart) and {{ in_days('sighting_date') }}
union all
{% for model, day in [('int_calls_priced', 'call_date'), ('int_reported_usage', 'usage_date')] -%}
    select
        {{ day }} as finding_date,
        'tokens_do_not_add_up' as finding,
        source,
        cast(null as varchar) as file_hash,
        cast(null as bigint) as source_row,
        model as subject,
        cast(null as varchar) as counted_source,
        count(*) as record_count,
        cast(null as varchar) as billing_currency,
        cast(null as {{ money() }}) as billed_cost
    from {{ ref(model) }}
    where has_token_mismatch and {{ in_days(day) }}
    group by {{ day }}, source, model
    union all
{% endfor -%}
select
    sums.charge_date as finding_date,
    'shown_by_another_bill' as finding,
    sums.source,
    cast(null as varchar) as file_hash,
    cast(null as bigint) as source_row,
    sums.vendor as subject,
    coalesce(books.record_source, sums.source) as counted_source,
    cast(null as bigint) as record_count,
    sums.billing_currency,
    cast(sum(coalesce(sums.billed_cost, sums.effective_cost)) as {{ money() }}) as billed_cost
from {{ ref('int_charge_sums') }} as sums
inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
where (not books.is_record or sums.is_explanation) and {{ in_days('sums.charge_date') }}
group by sums.charge_date, sums.source, sums.vendor, coalesce(books.record_source, sums.source), sums.billing_currency
