{%- set today = 'cast(' ~ now_utc() ~ ' as date)' %}
with billed as (

    select commitment_id
    from {{ ref('int_commitment_charges') }}
    where billed_cost > 0
    union
    select commitment_id
    from {{ ref('int_shortfalls') }}
    where is_billed

),

recent as (

    select
        commitment_id,
        sum(amount) as drawn_amount
    from {{ ref('int_commitment_moves') }}
    where movement = 'drawn' and moved_on >= {{ today }} - 30 and moved_on < {{ today }}
    group by commitment_id

),

judged as (

    -- Only of today can be told what will be left.
    select
        months.*,
        commitments.kind,
        commitments.vendor,
        commitments.account,
        commitments.billing_currency,
        commitments.ends_on,
        commitments.capacity,
        billed.commitment_id is not null as is_billed,
        coalesce(recent.drawn_amount, 0) as recent_amount,
        case
            when months.month < {{ month_of(today) }} then 'the month is over'
            when commitments.ends_on is null then 'it does not expire'
            when commitments.ends_on <= {{ today }} then 'it is over'
            when commitments.kind = 'reservation' then 'it is spread evenly over its term'
            when commitments.is_given then 'what was given is no loss'
            when commitments.kind = 'provisioned_throughput' and commitments.capacity is null then 'its capacity is not known'
            when commitments.valid_from > {{ today }} - 30 then 'it has been drawn on for less than 30 days'
        end as no_projection_reason,
        case
            when commitments.kind = 'reservation' then 'a reservation does not say what of it was used'
            when commitments.kind = 'provisioned_throughput' and commitments.capacity is null then 'its capacity is not known'
        end as no_unused_reason
    from {{ ref('int_commitment_months') }} as months
    inner join {{ ref('int_commitments') }} as commitments on months.commitment_id = commitments.commitment_id
    left join billed on months.commitment_id = billed.commitment_id
    left join recent on months.commitment_id = recent.commitment_id

)

select
    md5(commitment_id || '|' || month) as commitment_balance_key,
    commitment_id,
    month,
    kind,
    vendor,
    account,
    billing_currency,
    ends_on as ends_date,
    is_billed,
    no_projection_reason,
    no_unused_reason,
    cast(closing - purchased + drawn + expired + refunded as {{ money() }}) as opening_amount,
    cast(purchased as {{ money() }}) as purchased_amount,
    cast(drawn as {{ money() }}) as drawn_amount,
    cast(expired as {{ money() }}) as expired_amount,
    case when no_unused_reason is null then cast(expired as {{ money() }}) end as unused_amount,
    cast(refunded as {{ money() }}) as refunded_amount,
    cast(closing as {{ money() }}) as closing_amount,
    case
        when no_projection_reason is null
            then cast(
                greatest(cast(closing as double) - cast(recent_amount as double) / 30 * (ends_on - {{ today }}), 0) as {{ money() }}
            )
    end as projected_loss_amount
from judged
