-- Of a bucket's difference, what another class has too much or too little: a token that one class has more and another less is the same
-- token, also where the vendor counts more or less in all; what another cause explains whole is not.
{%- set classes = 'call_date, vendor, account, model, service_tier, ' ~ bucket_side('token_class') %}
with balanced as (

    select
        *,
        sum(more_quantity) over (partition by {{ classes }}, balanced_by is null) as over_classes,
        sum(abs(more_quantity)) over (partition by {{ classes }}, balanced_by is null) as either_way
    from {{ ref('int_bucket_shifts') }}

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
    is_tier_unknown_to_vendor
from balanced
