-- What each line would bill for what we logged if one cause explained all of its price difference.
{#- Without the vendor's own count, the price may be right and the quantity wrong. -#}
{%- set proved_by_count = "case when totals.billed_tokens is not null then 'proved' else 'inferred' end as certainty" %}
with totals as (

    select * from {{ ref('int_line_totals') }}

),

by_variant as (

    select
        differences.charge_date,
        differences.cost_line_id,
        variants.cause,
        variants.variant,
        sum(cast(differences.metered_contracted_usd as double) * variants.price_ratio) as expected_usd,
        count(*) as buckets
    from {{ ref('int_line_differences') }} as differences
    inner join {{ ref('int_price_variants') }} as variants on {{ same_priced_bucket('differences', 'variants') }}
    where differences.metered_contracted_usd > 0
    group by all

),

priced_buckets as (

    select
        charge_date,
        cost_line_id,
        count(*) filter (where metered_contracted_usd > 0) as buckets
    from {{ ref('int_line_differences') }}
    group by charge_date, cost_line_id

),

by_vendor as (

    -- A discount that all lines of a vendor's month show alike is one, even if nobody wrote it down.
    select
        vendor,
        source,
        month,
        count(*) as lines,
        round(median(cast(billed_for_logged_usd as double) / cast(metered_list_usd as double)), 4) as discount_ratio
    from totals
    where metered_list_usd > 0 and billed_for_logged_usd > 0
    group by vendor, source, month

)

select
    by_variant.charge_date,
    by_variant.cost_line_id,
    by_variant.cause,
    {{ proved_by_count }},
    by_variant.variant as evidence,
    by_variant.expected_usd
from by_variant
inner join totals on by_variant.charge_date = totals.charge_date and by_variant.cost_line_id = totals.cost_line_id
inner join priced_buckets
    on
        by_variant.charge_date = priced_buckets.charge_date
        and by_variant.cost_line_id = priced_buckets.cost_line_id
        and by_variant.buckets = priced_buckets.buckets
union all
select
    totals.charge_date,
    totals.cost_line_id,
    'region' as cause,
    'proved' as certainty,
    uplifts.region || ' costs ' || uplifts.uplift_ratio || ' times as much' as evidence,
    cast(totals.metered_contracted_usd as double) * uplifts.uplift_ratio as expected_usd
from totals
inner join {{ ref('region_uplifts') }} as uplifts
    on
        totals.vendor = uplifts.vendor and (uplifts.model is null or totals.model || '-' like uplifts.model || '-%')
        and (lower(totals.region) = uplifts.region or (uplifts.named_in = 'meter' and contains(totals.words, ' ' || uplifts.region || ' ')))
union all
select
    charge_date,
    cost_line_id,
    case when is_correction and line_discount_ratio is null then 'refund' else 'contract_discount' end as cause,
    'proved' as certainty,
    case when line_discount_ratio is null then 'it says so itself' else 'the bill shows its own list and contracted cost' end as evidence,
    coalesce(cast(metered_list_usd as double) * line_discount_ratio, cast(billed_for_logged_usd as double)) as expected_usd
from totals
where line_discount_ratio is not null or (billed_for_logged_usd < 0 and (is_correction or contains(words, ' discount')))
union all
select
    totals.charge_date,
    totals.cost_line_id,
    'contract_discount' as cause,
    'inferred' as certainty,
    'all lines of the month bill ' || by_vendor.discount_ratio || ' of list' as evidence,
    cast(totals.metered_list_usd as double) * by_vendor.discount_ratio as expected_usd
from totals
inner join by_vendor on totals.vendor = by_vendor.vendor and totals.source = by_vendor.source and totals.month = by_vendor.month
where by_vendor.lines >= 5 and by_vendor.discount_ratio between 0.3 and 0.9999
union all
select
    totals.charge_date,
    totals.cost_line_id,
    'unit_error' as cause,
    {{ proved_by_count }},
    factors.factor || ' times what we metered' as evidence,
    cast(totals.metered_contracted_usd as double) * factors.factor as expected_usd
from totals
cross join {{ ref('unit_factors') }} as factors
where abs(cast(totals.billed_for_logged_usd as double)) > 10 * totals.half_digit and totals.billed_for_logged_usd <> 0
