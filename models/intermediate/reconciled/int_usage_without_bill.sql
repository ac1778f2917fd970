-- Metered usage that no bill shows yet, by target: what is logged, and what the vendor reports beside it. What has no price cannot
-- be accrued; what ran on provisioned throughput is paid by that.
with usage as (

    select
        call_date,
        grain_source,
        provider,
        account,
        model,
        token_class,
        {{ targets() }},
        quantity,
        list_cost_usd,
        contracted_cost_usd
    from {{ ref('int_usage_daily_by_meter') }}
    where commitment_id is null
    union all
    select
        call_date,
        'vendor_report' as grain_source,
        vendor as provider,
        nullif(account, '(all)') as account,
        model,
        token_class,
        {{ targets() }},
        quantity,
        list_cost_usd,
        contracted_cost_usd
    from {{ ref('int_unlogged_usage') }}

)

select
    usage.call_date,
    usage.grain_source,
    usage.provider,
    usage.account,
    usage.model,
    usage.token_class,
    {{ targets('usage') }},
    cast(sum(usage.quantity) as {{ money() }}) as quantity,
    cast(sum(usage.list_cost_usd) as {{ money() }}) as list_cost_usd,
    cast(sum(usage.contracted_cost_usd) as {{ money() }}) as contracted_cost_usd
from usage
left join {{ ref('int_billed_usage_days') }} as billed on usage.call_date = billed.call_date and usage.provider = billed.provider
where billed.call_date is null and usage.list_cost_usd is not null
group by all
