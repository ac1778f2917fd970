-- Where two bills show the same usage of a vendor, what the one beside the ledger's bills more: day by day if both tell days, else by
-- month; account by account if both tell accounts of one issuer. What neither rounds to a cent is no difference.
{%- set pair = ['month', 'vendor', 'billing_currency', 'source', 'record_source'] %}
with usage as (

    select
        *,
        min(charge_date) over (partition by vendor, source) as first_date,
        max(last_charge_date) over (partition by vendor, source) as last_date
    from {{ ref('int_billed_usage') }}

),

pairs as (

    -- A line of several months leaves nothing to compare in any of them. A cloud's invoice is of all that it sells, and its bill tells
    -- whose each part is.
    select distinct {{ comma_list(pair) }}
    from usage
    where
        not is_record
        and not exists (
            select 1 from usage as longer
            where
                longer.vendor = usage.vendor
                and longer.source in (usage.source, usage.record_source)
                and longer.last_charge_date >= cast(longer.month + interval '1' month as date)
                and usage.month between longer.month and longer.last_charge_date
        )
        and not exists (
            select 1 from usage as resold
            where
                usage.book = 'invoice'
                and resold.source = usage.record_source
                and resold.month = usage.month
                and resold.bill_vendor = usage.vendor
                and resold.vendor <> usage.vendor
        )

),

compared as (

    select
        {{ comma_list(pair, 'pairs') }},
        usage.charge_date,
        usage.last_charge_date,
        usage.is_record,
        usage.shown_cost,
        case
            when
                min(usage.billing_account_id) over (partition by {{ comma_list(pair, 'pairs') }}) <> ''
                and min(usage.bill_vendor) over (partition by {{ comma_list(pair, 'pairs') }})
                = max(usage.bill_vendor) over (partition by {{ comma_list(pair, 'pairs') }})
                then ' ' || usage.billing_account_id
            else ''
        end as account,
        max(usage.first_date) over (partition by {{ comma_list(pair, 'pairs') }}) as both_from,
        min(usage.last_date) over (partition by {{ comma_list(pair, 'pairs') }}) as both_to
    from pairs
    inner join usage
        on
            {{ same_columns_of('pairs', 'usage', pair | reject('equalto', 'source') | list) }}
            and usage.source in (pairs.source, pairs.record_source)

),

told as (

    select
        *,
        bool_or(is_record) over (partition by {{ comma_list(pair) }}, account)
        and bool_or(not is_record) over (partition by {{ comma_list(pair) }}, account) as is_on_both,
        bool_and(last_charge_date = charge_date) over (partition by {{ comma_list(pair) }}, account) as is_daily
    from compared

)

select
    case when is_daily then charge_date else month end as compared_date,
    source,
    record_source,
    vendor || account || ': ' || case when is_daily then 'the day' else 'the month' end as subject,
    billing_currency,
    cast(null as bigint) as record_count,
    cast(sum(case when is_record then -shown_cost else shown_cost end) as {{ money() }}) as more_cost
from told
where is_on_both and (not is_daily or charge_date between both_from and both_to)
group by 1, 2, 3, 4, 5
having abs(sum(case when is_record then -shown_cost else shown_cost end)) >= 0.01
