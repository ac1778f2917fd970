-- Where else on the same day the opposite of a bucket's difference stands: in another model, class or tier. What one of these explains
-- whole is not there for the next.
{%- set calls = 'call_date, vendor, account, model, service_tier' %}
with crossed as (

    select
        *,
        sum(more_quantity) over (partition by call_date, vendor, account, service_tier, token_class) as over_models,
        sum(vendor_quantity) over (
            partition by date_trunc('month', call_date), vendor, service_tier, {{ bucket_meter('token_class') }}
        ) as tier_quantity,
        max(case when token_class = 'requests' and reported_quantity is not null then more_quantity end) over (partition by {{ calls }})
            as more_requests,
        max(case when token_class = 'requests' then logged_quantity end) over (partition by {{ calls }}) as logged_requests
    from {{ ref('int_bucket_quantities') }}

),

named as (

    select
        *,
        case
            when over_models = 0 then 'model_mapping'
            when
                sum(case when over_models = 0 then 0 else more_quantity end) over (
                    partition by {{ calls }}, {{ bucket_side('token_class') }}
                ) = 0
                then 'cache_semantics'
        end as balanced_by
    from crossed

),

tiered as (

    select
        *,
        sum(more_quantity) over (partition by call_date, vendor, account, model, token_class, balanced_by is null) as over_tiers
    from named

)

select
    {{ bucket_columns() }},
    logged_quantity,
    reported_quantity,
    vendor_quantity,
    more_quantity,
    more_requests,
    logged_requests,
    tier_quantity = 0 as is_tier_unknown_to_vendor,
    coalesce(balanced_by, case when over_tiers = 0 then 'tier_or_batch' end) as balanced_on_day_by
from tiered
where more_quantity <> 0
