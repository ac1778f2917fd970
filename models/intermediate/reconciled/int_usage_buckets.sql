{{ config(materialized='days', day='call_date') }}

-- What our logs and the vendor's own report each say of a day's usage, under the price book's names of models.
with logged as (

    select
        {{ bucket_columns() }},
        cast(sum(quantity) as decimal(38, 6)) as quantity,
        cast(sum(list_cost_usd) as {{ money() }}) as list_cost_usd,
        cast(sum(contracted_cost_usd) as {{ money() }}) as contracted_cost_usd
    from {{ ref('int_bucket_targets') }}
    where {{ in_days('call_date') }}
    group by all

),

reported as (

    select
        {{ bucket_columns() }},
        cast(sum(quantity) as decimal(38, 6)) as quantity,
        cast(sum(cast(book_list_cost_usd as {{ money() }})) as double) as book_list_cost_usd,
        cast(sum(cast(book_cost_usd as {{ money() }})) as double) as book_cost_usd
    from {{ ref('int_reported_buckets') }}
    where {{ in_days('call_date') }}
    group by all

),

told as (

    -- A report tells all classes of tokens, and of the other meters those that it has on the day.
    select distinct
        call_date,
        vendor,
        {{ bucket_meter('token_class') }} as meter
    from reported

),

compared as (

    select
        {% for column in bucket_column_names() -%}
            coalesce(logged.{{ column }}, reported.{{ column }}) as {{ column }},
        {% endfor -%}
        coalesce(logged.quantity, 0) as logged_quantity,
        reported.quantity as reported_quantity,
        coalesce(logged.list_cost_usd, case when logged.quantity is null then 0 end) as list_cost_usd,
        coalesce(logged.contracted_cost_usd, case when logged.quantity is null then 0 end) as contracted_cost_usd,
        reported.book_list_cost_usd,
        reported.book_cost_usd
    from logged
    full outer join reported on {{ same_bucket('logged', 'reported') }}

)

select
    {{ bucket_columns('compared') }},
    compared.logged_quantity,
    case when told.meter is not null then coalesce(compared.reported_quantity, 0) end as reported_quantity,
    compared.list_cost_usd,
    compared.contracted_cost_usd,
    -- What a bill is expected to charge for it: our price of what the vendor counts.
    {% for cost, expected in [('list_cost_usd', 'expected_list_cost_usd'), ('contracted_cost_usd', 'expected_cost_usd')] -%}
        case
            when compared.logged_quantity > 0 and told.meter is not null
                then
                    cast(compared.{{ cost }} as double) * cast(coalesce(compared.reported_quantity, 0) as double)
                    / cast(compared.logged_quantity as double)
            when compared.logged_quantity > 0 then cast(compared.{{ cost }} as double)
            else compared.book_{{ cost | replace('contracted_', '') }}
        end as {{ expected }}{% if not loop.last %},{% endif %}
    {% endfor %}
from compared
left join told
    on compared.call_date = told.call_date and compared.vendor = told.vendor and {{ bucket_meter('compared.token_class') }} = told.meter
