-- What stands in the ledger as landed is what the newest deliveries of the books of record landed, by source, currency and basis.
with landed as (

    select
        sums.source,
        sums.charge_date,
        sums.billing_currency,
        sum(sums.line_count) as lines,
        {% for basis in cost_bases() -%}
            sum(sums.{{ basis }}_cost) as {{ basis }}_cost{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('int_charge_sums') }} as sums
    inner join {{ ref('int_books_of_record') }} as books
        on
            sums.source = books.source
            and sums.vendor = books.vendor
            and sums.bill_vendor = books.bill_vendor
            and sums.billing_account_id = books.billing_account_id
            and {{ is_valid('books', 'sums.charge_date') }}
    where books.is_record and not sums.is_explanation and {{ in_unpublished_days(ref('fct_cost_lines'), 'sums.charge_date') }}
    group by sums.source, sums.charge_date, sums.billing_currency

),

ledger as (

    select
        source,
        charge_date,
        billing_currency,
        count(*) as lines,
        {% for basis in cost_bases() -%}
            sum({{ basis }}_cost) as {{ basis }}_cost{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('fct_cost_lines') }}
    where source <> 'metered' and {{ in_unpublished_days(ref('fct_cost_lines'), 'charge_date') }}
    group by source, charge_date, billing_currency

)

select *
from landed
full outer join ledger
    on
        landed.source = ledger.source
        and landed.charge_date = ledger.charge_date
        and coalesce(landed.billing_currency, '') = coalesce(ledger.billing_currency, '')
where
    landed.lines is distinct from ledger.lines
    {% for basis in cost_bases() -%}
        or landed.{{ basis }}_cost is distinct from ledger.{{ basis }}_cost
    {% endfor %}
