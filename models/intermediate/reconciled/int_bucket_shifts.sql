-- Where a bucket's day ends at another hour: days beside each other, or with one between, that add up to nothing; of the rest, two
-- neighbours that do. Nothing is explained twice, and what its own day explains is left alone.
{%- set bucket = 'vendor, account, model, service_tier, token_class, balanced_on_day_by is null' %}
with followed as (

    select
        *,
        coalesce(lag(call_date) over (partition by {{ bucket }} order by call_date) >= call_date - 2, false) as goes_on
    from {{ ref('int_bucket_crossings') }}

),

runs as (

    select
        *,
        count(case when not goes_on then 1 end) over (partition by {{ bucket }} order by call_date) as run
    from followed

),

summed as (

    select
        *,
        sum(more_quantity) over (partition by {{ bucket }}, run order by call_date) as total
    from runs

),

stretches as (

    -- A stretch ends where its days add up to nothing.
    select
        *,
        count(case when total = 0 then 1 end) over (
            partition by {{ bucket }}, run order by call_date rows between unbounded preceding and 1 preceding
        ) as stretch
    from summed

),

shifted as (

    select
        *,
        sum(more_quantity) over (partition by {{ bucket }}, run, stretch) = 0
        and count(*) over (partition by {{ bucket }}, run, stretch) <= 7 as is_shifted
    from stretches

),

linked as (

    select
        *,
        coalesce(
            lag(more_quantity) over (partition by {{ bucket }}, is_shifted order by call_date) = -more_quantity
            and lag(call_date) over (partition by {{ bucket }}, is_shifted order by call_date) = call_date - 1, false
        ) as is_opposite
    from shifted

),

links as (

    select
        *,
        count(case when not is_opposite then 1 end) over (partition by {{ bucket }}, is_shifted order by call_date) as link
    from linked

),

paired as (

    -- Of a row of opposites, the days in twos.
    select
        *,
        row_number() over (partition by {{ bucket }}, is_shifted, link order by call_date)
        <= 2 * floor(count(*) over (partition by {{ bucket }}, is_shifted, link) / 2) as is_paired
    from links

)

select
    {{ bucket_columns() }},
    logged_quantity,
    reported_quantity,
    vendor_quantity,
    more_quantity,
    more_requests,
    logged_requests,
    is_tier_unknown_to_vendor,
    coalesce(balanced_on_day_by, case when is_shifted or is_paired then 'day_boundary' end) as balanced_by
from paired
