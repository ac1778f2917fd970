-- What stands in the ledger as landed is what the newest deliveries of the books of record landed, by source, currency and basis: after
-- what balances paid for, which is billed with their purchase, and effective by their use.
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
    inner join {{ ref('int_books_of_record') }} as books on {{ is_in_book('sums') }}
    where books.is_record and not sums.is_explanation and {{ in_unpublished_days(ref('fct_cost_lines'), 'sums.charge_date') }}
    group by sums.source, sums.charge_date, sums.billing_currency

),

ledger as (

    select
        lines.source,
        lines.charge_date,
        lines.billing_currency,
        count(*) as lines,
        sum(lines.list_cost) as list_cost,
        sum(lines.contracted_cost) as contracted_cost,
        sum(lines.billed_cost + drawn_lines.drawn_cost) as billed_cost,
        sum(lines.effective_cost + drawn_lines.deferred_cost) as effective_cost
    from {{ ref('fct_cost_lines') }} as lines
    inner join {{ ref('int_cost_lines') }} as drawn_lines
        on lines.charge_date = drawn_lines.charge_date and lines.cost_line_id = drawn_lines.cost_line_id
    where lines.source_file_hash is not null and {{ in_unpublished_days(ref('fct_cost_lines'), 'lines.charge_date') }}
    group by lines.source, lines.charge_date, lines.billing_currency

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
