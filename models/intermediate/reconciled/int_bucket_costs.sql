{{ config(materialized='table', meta={'fingerprint_days': ['call_date']}) }}

-- What bills show for our own calls, by bucket, and what these weigh in it. What no call's bucket holds is the whole day's, `(any)`.
with paid as (

    select
        {{ bucket_columns('parts') }},
        cast(sum(parts.billed_cost_usd) as {{ money() }}) as billed_cost_usd,
        cast(sum(parts.effective_cost_usd) as {{ money() }}) as effective_cost_usd
    from {{ ref('int_line_parts') }} as parts
    where parts.kind = 'logged'
    group by 1, 2, 3, 4, 5

),

held as (

    select
        paid.*,
        coalesce(quantities.logged_quantity, 0) > 0 as is_held,
        quantities.logged_quantity,
        quantities.list_cost_usd
    from paid
    inner join {{ ref('int_bucket_quantities') }} as quantities on {{ same_bucket('paid', 'quantities') }}

)

select
    call_date,
    vendor,
    case when is_held then model else '(any)' end as model,
    case when is_held then service_tier else '(any)' end as service_tier,
    case when is_held then token_class else '(any)' end as token_class,
    -- By our price where there is one, else by the tokens themselves.
    coalesce(min(list_cost_usd) > 0, false) as is_by_price,
    cast(sum(billed_cost_usd) as {{ money() }}) as billed_cost_usd,
    cast(sum(effective_cost_usd) as {{ money() }}) as effective_cost_usd
from held
group by 1, 2, 3, 4, 5
