{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- Of each line and bucket: what is billed (at the vendor's own rate), what we metered for it, and how much of the difference is
-- quantity, price, discount and the line's own credit. Lines over one bucket share what we metered by the
-- quantities that they state, else by what they bill before credits.
with paid as (

    select
        buckets.charge_date,
        buckets.cost_line_id,
        {{ bucket_columns('buckets') }},
        buckets.compared_cost_usd as billed_cost_usd,
        -- Of a line over several buckets, as one that does not tell the tier, it is not known what of it is of which.
        case
            when count(*) over (partition by buckets.charge_date, buckets.cost_line_id) = 1 then buckets.billed_quantity
        end as billed_quantity,
        quantities.logged_quantity,
        quantities.more_quantity,
        quantities.list_cost_usd as whole_list_cost_usd,
        quantities.contracted_cost_usd as whole_contracted_cost_usd,
        quantities.reported_quantity is null and quantities.billed_quantity is null as is_quantity_unknown,
        case when buckets.has_credit then buckets.billed_cost_usd - buckets.contracted_cost_usd else 0 end as credit_usd,
        greatest(coalesce(case when buckets.has_credit then buckets.contracted_cost_usd else buckets.compared_cost_usd end, 0), 0) as amount
    from {{ ref('int_line_buckets') }} as buckets
    inner join {{ ref('int_bucket_quantities') }} as quantities on {{ same_bucket('buckets', 'quantities') }}

),

weighed as (

    select
        *,
        case
            when
                sum(billed_quantity) over (partition by {{ bucket_columns() }}) > 0
                and count(*) over (partition by {{ bucket_columns() }}) = count(billed_quantity) over (partition by {{ bucket_columns() }})
                then cast(billed_quantity as double)
            when sum(amount) over (partition by {{ bucket_columns() }}) > 0 then cast(amount as double)
            else 1
        end as weight
    from paid

),

rounded as (

    select
        *,
        logged_quantity * (weight / sum(weight) over (partition by {{ bucket_columns() }})) as logged_share,
        more_quantity * (weight / sum(weight) over (partition by {{ bucket_columns() }})) as more_share,
        {{ rounded_share('whole_list_cost_usd', 'weight', bucket_columns()) }} as list_part_usd,
        {{ rounded_share('whole_contracted_cost_usd', 'weight', bucket_columns()) }} as contracted_part_usd,
        {{ largest_first('weight', bucket_columns(), 'cost_line_id') }} as part_rank
    from weighed

),

metered as (

    select
        *,
        coalesce({{ exact_part('whole_list_cost_usd', 'list_part_usd', bucket_columns(), 'part_rank') }}, 0) as metered_list_usd,
        coalesce({{ exact_part('whole_contracted_cost_usd', 'contracted_part_usd', bucket_columns(), 'part_rank') }}, 0)
            as metered_contracted_usd,
        cast(
            cast(billed_cost_usd - credit_usd as double)
            * (cast(more_quantity as double) / nullif(cast(logged_quantity + more_quantity as double), 0))
            as {{ money() }}
        ) as quantity_share_usd
    from rounded

),

divided as (

    -- Quantity at the vendor's own unit price. What is less than a billionth off our price is that price, in double precision.
    select
        *,
        case
            when more_quantity = 0 then 0
            when
                logged_quantity + more_quantity = 0
                or abs(billed_cost_usd - credit_usd - quantity_share_usd - metered_contracted_usd) < 0.000000001
                then billed_cost_usd - credit_usd - metered_contracted_usd
            else quantity_share_usd
        end as quantity_usd
    from metered

)

select
    charge_date,
    cost_line_id,
    {{ bucket_columns() }},
    is_quantity_unknown,
    whole_list_cost_usd is null as is_unpriced,
    cast(logged_share as decimal(38, 6)) as logged_quantity,
    cast(more_share as decimal(38, 6)) as more_quantity,
    billed_cost_usd,
    metered_list_usd,
    metered_contracted_usd,
    quantity_usd,
    credit_usd,
    billed_cost_usd - credit_usd - quantity_usd - metered_contracted_usd as price_usd,
    metered_contracted_usd - metered_list_usd as discount_usd
from divided
