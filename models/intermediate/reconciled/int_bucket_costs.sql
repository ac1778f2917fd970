{{ config(materialized='table', meta={'fingerprint_days': ['call_date']}) }}

-- What bills show for our own calls, by bucket, and what these weigh in it. What no call's bucket holds is
-- all that was logged of the model in that tier, class `(any)`, and where nothing was, the vendor's whole day, model `(any)`.
with quantities as (

    select
        *,
        sum(logged_quantity) over (partition by call_date, vendor, account, model, service_tier) > 0 as is_model_logged
    from {{ ref('int_bucket_quantities') }}

),

paid as (

    select
        {{ bucket_columns('parts') }},
        cast(sum(parts.billed_cost_usd) as {{ money() }}) as billed_cost_usd,
        cast(sum(parts.effective_cost_usd) as {{ money() }}) as effective_cost_usd
    from {{ ref('int_line_parts') }} as parts
    where parts.kind = 'logged'
    group by all

),

held as (

    select
        paid.*,
        coalesce(quantities.logged_quantity, 0) > 0 as is_held,
        quantities.is_model_logged,
        quantities.logged_quantity,
        quantities.list_cost_usd
    from paid
    inner join quantities on {{ same_bucket('paid', 'quantities') }}

)

select
    call_date,
    vendor,
    case when is_model_logged then account else '(any)' end as account,
    case when is_model_logged then model else '(any)' end as model,
    case when is_model_logged then service_tier else '(any)' end as service_tier,
    case when is_held then token_class else '(any)' end as token_class,
    -- By our price where there is one, else by the tokens themselves.
    coalesce(min(list_cost_usd) > 0, false) as is_by_price,
    cast(sum(billed_cost_usd) as {{ money() }}) as billed_cost_usd,
    cast(sum(effective_cost_usd) as {{ money() }}) as effective_cost_usd
from held
group by all
