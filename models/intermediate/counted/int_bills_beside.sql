-- Where two bills show the same usage, what the one beside the ledger's bills more, from a cent on: day by day if both tell days, else by
-- month, or by all months of a line that is of several; account by account if both tell accounts of one issuer.
{%- set pair = ['vendor', 'billing_currency', 'source', 'record_source'] %}
{%- set told = ['month', 'charge_date', 'last_charge_date', 'bill_vendor', 'billing_account_id', 'is_record', 'shown_cost'] %}
{%- set one = 'partition by ' ~ comma_list(pair) %}
{%- set span = one ~ ', span' %}
{%- set before = 'order by month, charge_date, last_charge_date rows between unbounded preceding and 1 preceding' %}
{%- set last_before = month_of('max(last_charge_date) over (' ~ span ~ ', is_record, billing_account_id ' ~ before ~ ')') %}
with beside as (

    -- A cloud's invoice is of all that it sells, and its bill tells whose each part is.
    select * from {{ ref('int_billed_usage') }} as usage
    where
        not is_record
        and not exists (
            select 1 from {{ ref('int_billed_usage') }} as resold
            where
                usage.book = 'invoice'
                and resold.source = usage.record_source
                and resold.month = usage.month
                and resold.bill_vendor = usage.vendor
                and resold.vendor <> usage.vendor
        )

),

paired as (

    select {{ comma_list(pair + told) }}
    from beside
    union all
    select
        {{ comma_list(pair, 'pairs') }},
        {{ comma_list(told, 'records') }}
    from (select distinct {{ comma_list(pair) }} from beside) as pairs
    inner join {{ ref('int_billed_usage') }} as records
        on records.is_record and {{ same_columns_of('records', 'pairs', pair | reject('equalto', 'source') | list) }}

),

begun as (

    select
        *,
        {% for end, edge, date in [('from', 'min', 'charge_date'), ('to', 'max', 'last_charge_date')] -%}
            {{ edge }}(case when is_record then {{ date }} end) over ({{ one }}) as record_{{ end }},
            {{ edge }}(case when not is_record then {{ date }} end) over ({{ one }}) as beside_{{ end }},
        {% endfor -%}
        coalesce(month > max(last_charge_date) over ({{ one }} {{ before }}), true) as begins
    from paired

),

spans as (

    select
        *,
        count(case when begins then 1 end) over ({{ one }} order by month) as span
    from begun

),

compared as (

    select
        *,
        coalesce(month > cast({{ last_before }} + interval '1' month as date), false) as follows_a_gap,
        case
            when
                min(billing_account_id) over ({{ span }}) <> ''
                and min(bill_vendor) over ({{ span }}) = max(bill_vendor) over ({{ span }})
                then ' ' || billing_account_id
            else ''
        end as account
    from spans

),

summed as (

    select
        *,
        {% for side, whose in [('record', 'is_record'), ('beside', 'not is_record')] -%}
            min(case when {{ whose }} then month end) over ({{ span }}, account) as {{ side }}_first_month,
            {{ month_of('max(case when ' ~ whose ~ ' then last_charge_date end) over (' ~ span ~ ', account)') }} as {{ side }}_last_month,
        {% endfor -%}
        bool_or(follows_a_gap) over ({{ span }}, account) as has_gap,
        bool_and(last_charge_date = charge_date) over ({{ span }}, account) as is_daily
    from compared

)

select
    case when is_daily then charge_date else record_first_month end as compared_date,
    source,
    record_source,
    vendor || account || case
        when is_daily then ': the day' when record_first_month = record_last_month then ': the month'
        else ': the months to ' || substring(cast(record_last_month as varchar), 1, 7)
    end as subject,
    billing_currency,
    cast(null as bigint) as record_count,
    cast(sum(case when is_record then -shown_cost else shown_cost end) as {{ money() }}) as more_cost
from summed
-- Of a line of several months, the other tells all of them, or there is nothing to compare.
where
    record_first_month = beside_first_month and record_last_month = beside_last_month and not has_gap
    and (not is_daily or charge_date between greatest(record_from, beside_from) and least(record_to, beside_to))
group by 1, 2, 3, 4, 5
having abs(sum(case when is_record then -shown_cost else shown_cost end)) >= 0.01
