with found as (

    select
        finding_date,
        finding,
        source,
        file_hash,
        source_row,
        subject,
        counted_source,
        record_count,
        billing_currency,
        billed_cost
    from {{ ref('int_findings') }}
    union all
    -- Findings that hold no money.
    {% for model, finding, day, source, subject, records in [
        ('int_bucket_gaps', 'missing_bucket', 'missing_date', 'source', 'report', 'null'),
        ('int_held_prices', 'price_held_back', 'finding_date', 'catalogue', 'subject', 'null'),
        ('int_rules_without_charge', 'rule_without_charge', 'finding_date', 'source', 'subject', '0'),
        ('int_unknown_targets', 'unknown_target', 'finding_date', quoted('allocation_rules'), 'subject', 'null'),
    ] -%}
        select
            {{ day }} as finding_date,
            '{{ finding }}' as finding,
            {{ source }} as source,
            cast(null as varchar) as file_hash,
            cast(null as bigint) as source_row,
            {{ subject }} as subject,
            cast(null as varchar) as counted_source,
            cast({{ records }} as bigint) as record_count,
            cast(null as varchar) as billing_currency,
            cast(null as {{ money() }}) as billed_cost
        from {{ ref(model) }}
        union all
    {% endfor -%}
    -- Findings of money in one currency.
    {% for model, finding, day, counted, currency, amount in [
        ('int_amounts_without_rate', 'no_exchange_rate', 'amount_date', 'null', 'currency', 'amount'),
        ('int_purchases_without_commitment', 'purchase_without_commitment', 'charge_date', 'null', 'billing_currency', 'billed_cost'),
        ('int_bills_beside', 'bills_disagree', 'compared_date', 'record_source', 'billing_currency', 'more_cost'),
    ] -%}
        select
            {{ day }} as finding_date,
            '{{ finding }}' as finding,
            source,
            cast(null as varchar) as file_hash,
            cast(null as bigint) as source_row,
            subject,
            cast({{ counted }} as varchar) as counted_source,
            record_count,
            {{ currency }} as billing_currency,
            {{ amount }} as billed_cost
        from {{ ref(model) }}
        union all
    {% endfor -%}
    select
        charge_date as finding_date,
        'rule_without_driver' as finding,
        'allocation_rules' as source,
        cast(null as varchar) as file_hash,
        cast(null as bigint) as source_row,
        rule_id || ': ' || driver as subject,
        cast(null as varchar) as counted_source,
        count(distinct cost_line_id) as record_count,
        billing_currency,
        cast(sum(billed_cost) as {{ money() }}) as billed_cost
    from {{ ref('fct_allocated_costs') }}
    where driver is not null and rule_id not like 'usage-of-%' and unallocated_reason like 'no % on a day of the charge'
    group by charge_date, rule_id, driver, billing_currency

)

select
    md5(
        finding || '|' || finding_date || '|' || source || '|' || coalesce(file_hash, '') || '|' || coalesce(source_row, 0)
        || '|' || coalesce(subject, '') || '|' || coalesce(counted_source, '') || '|' || coalesce(billing_currency, '')
    ) as finding_key,
    finding_date,
    finding,
    case finding
        when 'conflicting_repeat' then 'A row of the same id and day counts; this one differs from it and is left out.'
        when 'records_disagree' then 'Another record of the same call tells more tokens; that one counts.'
        when 'same_id_days_apart' then 'A call with this id was seen two days before; this one counts as another call.'
        when 'tokens_do_not_add_up' then 'The classes do not add up to the total that is reported with them; the classes count.'
        when 'shown_by_another_bill' then 'Another source is the book of record of this vendor and month; this amount adds nothing.'
        when 'price_held_back'
            then 'A hundredfold jump: the prices known before stay until config/price_confirmations.csv says that this one is right.'
        when 'no_exchange_rate'
            then 'No rate of this currency holds on that day, so this amount is in no sum in USD: add a row to config/fx_rates.csv.'
        when 'bills_disagree'
            then 'Two bills of the same usage: billed_cost is what this one bills more than the one that counts, or less.'
        when 'purchase_without_commitment'
            then 'Paid ahead, and in no row of config/commitments.csv: what it pays for counts beside it. Add the row, or name its id.'
        when 'rule_without_driver'
            then 'Nothing of the driver on a day of the charge, so that part stays where it was: see unallocated_reason of the charge.'
        when 'rule_without_charge'
            then 'This rule holds and decides no charge: what it names is not there, or other rules come first. Mend it or take it out.'
        when 'unknown_target' then 'The rule gives to one whom no list, call or charge names: mend the name, or list it.'
        when 'missing_bucket' then 'The report has buckets before and after, and lacks this day or a part of it: fetch it again.'
    end as meaning,
    source,
    file_hash as source_file_hash,
    subject,
    counted_source,
    source_row,
    record_count,
    billing_currency,
    billed_cost
from found
