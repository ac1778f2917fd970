-- Law 7: the findings count all calls and records that do not add up, and no other.
with said as (

    select
        call_date as said_date,
        source,
        count(*) as mismatches
    from {{ ref('fct_llm_calls') }}
    where has_token_mismatch
    group by call_date, source
    union all
    select
        usage_date as said_date,
        source,
        count(*) as mismatches
    from {{ ref('int_reported_usage') }}
    where has_token_mismatch
    group by usage_date, source

),

found as (

    select
        finding_date,
        source,
        sum(record_count) as findings
    from {{ ref('data_findings') }}
    where finding = 'tokens_do_not_add_up'
    group by finding_date, source

)

select
    said.said_date,
    found.finding_date,
    coalesce(said.source, found.source) as source,
    said.mismatches,
    found.findings
from said
full join found on said.said_date = found.finding_date and said.source = found.source
where coalesce(said.mismatches, 0) <> coalesce(found.findings, 0)
