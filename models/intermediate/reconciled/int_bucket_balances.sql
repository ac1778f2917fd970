-- Where the opposite of a bucket's difference stands: in another model, class or tier, or on the day beside it. A token that one class
-- has more and another less is the same token, also where the vendor counts more or less in all; what another cause explains whole is not.
{%- set classes = 'call_date, vendor, account, model, service_tier, ' ~ bucket_side('token_class') %}
with buckets as (

    select * from {{ ref('int_bucket_quantities') }}

),

crossed as (

    select
        *,
        sum(more_quantity) over (partition by call_date, vendor, account, service_tier, token_class) as over_models,
        sum(more_quantity) over (partition by call_date, vendor, account, model, token_class) as over_tiers,
        lag(more_quantity) over (partition by vendor, account, model, service_tier, token_class order by call_date) as day_before,
        lag(call_date) over (partition by vendor, account, model, service_tier, token_class order by call_date) as date_before,
        lead(more_quantity) over (partition by vendor, account, model, service_tier, token_class order by call_date) as day_after,
        lead(call_date) over (partition by vendor, account, model, service_tier, token_class order by call_date) as date_after,
        sum(vendor_quantity) over (
            partition by date_trunc('month', call_date), vendor, service_tier, {{ bucket_meter('token_class') }}
        ) as tier_quantity,
        max(case when token_class = 'requests' and reported_quantity is not null then more_quantity end) over (
            partition by call_date, vendor, account, model, service_tier
        ) as more_requests,
        max(case when token_class = 'requests' then logged_quantity end) over (
            partition by call_date, vendor, account, model, service_tier
        ) as logged_requests
    from buckets

),

named as (

    select
        *,
        case
            when over_models = 0 then 'model_mapping'
            when sum(case when over_models = 0 then 0 else more_quantity end) over (partition by {{ classes }}) = 0 then 'cache_semantics'
            when over_tiers = 0 then 'tier_or_batch'
            when more_quantity = -day_after and date_after = call_date + 1 then 'day_boundary'
            when more_quantity = -day_before and date_before = call_date - 1 then 'day_boundary'
        end as balanced_by
    from crossed

),

balanced as (

    select
        *,
        sum(more_quantity) over (partition by {{ classes }}, balanced_by is null) as over_classes,
        sum(abs(more_quantity)) over (partition by {{ classes }}, balanced_by is null) as either_way
    from named

)

select
    {{ bucket_columns() }},
    logged_quantity,
    reported_quantity,
    vendor_quantity,
    more_requests,
    logged_requests,
    balanced_by,
    cast(case
        when balanced_by is null and either_way > abs(over_classes)
            then round(
                cast(more_quantity as double) * cast(either_way - abs(over_classes) as double)
                / cast(case when more_quantity > 0 then either_way + over_classes else either_way - over_classes end as double), 6
            )
        else 0
    end as decimal(38, 6)) as class_quantity,
    more_quantity - class_quantity as rest_quantity,
    tier_quantity = 0 as is_tier_unknown_to_vendor
from balanced
where more_quantity <> 0
