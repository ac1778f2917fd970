{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- Quantity first, then price: of each line and bucket, what is for usage that no log has, what is for our calls, and what is too far from
-- what we metered to be put on them.
{%- set kept = bucket_column_names() + ['kind'] %}
with unlogged as (

    select
        {{ bucket_columns('causes') }},
        least(cast(sum(causes.quantity) as double) / cast(max(quantities.vendor_quantity) as double), 1) as unlogged_share
    from {{ ref('int_bucket_causes') }} as causes
    inner join {{ ref('int_bucket_quantities') }} as quantities on {{ same_bucket('causes', 'quantities') }}
    where causes.cause = 'missing_log'
    group by all

),

ratios as (

    -- Of what the vendor does not count, a day's bill far from what we metered says nothing of single calls.
    select
        call_date,
        vendor,
        cast(sum(metered_contracted_usd) as double) / cast(sum(billed_cost_usd) as double) as metered_share
    from {{ ref('int_line_differences') }}
    where is_quantity_unknown
    group by all
    having
        sum(billed_cost_usd) > 0
        and sum(metered_contracted_usd) > 0
        and cast(sum(billed_cost_usd) as double) / cast(sum(metered_contracted_usd) as double)
        not between {{ var('spread_ratio_low') }} and {{ var('spread_ratio_high') }}

),

shares as (

    select
        buckets.*,
        coalesce(unlogged.unlogged_share, 0) as unlogged_share,
        coalesce(ratios.metered_share, 1) as metered_share
    from {{ ref('int_line_buckets') }} as buckets
    inner join {{ ref('int_bucket_quantities') }} as quantities on {{ same_bucket('buckets', 'quantities') }}
    left join unlogged on {{ same_bucket('buckets', 'unlogged') }}
    left join ratios
        on
            buckets.call_date = ratios.call_date
            and buckets.vendor = ratios.vendor
            and quantities.reported_quantity is null
            and quantities.billed_quantity is null

),

weighed as (

    {% for kind, weight in [
        ('logged', '(1 - unlogged_share) * metered_share'),
        ('unlogged', 'unlogged_share'),
        ('unreconciled', '(1 - unlogged_share) * (1 - metered_share)'),
    ] -%}
        select
            *,
            '{{ kind }}' as kind,
            {{ weight }} as weight
        from shares
        where {{ weight }} <> 0
        {{ 'union all' if not loop.last }}
    {% endfor %}

)

{{ exact_parts('weighed', 'charge_date, cost_line_id, bucket_key', 'kind', kept) }}
