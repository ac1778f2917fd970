-- Law 6: no draft stands in a closed month, and each issued line is there with the amounts of the ledger.
with issued as (

    select * from {{ ref('int_issued_lines') }}

),

statement as (

    select * from {{ ref('chargeback_statement') }}
    where statement_month in (select issued.statement_month from issued)

)

select *
from statement
full outer join issued on statement.statement_id = issued.statement_id
where
    statement.status is null
    or statement.status = 'draft'
    or statement.statement_month is distinct from issued.statement_month
    or statement.amount_usd is distinct from issued.amount_usd
    or statement.billed_cost_usd is distinct from issued.billed_cost_usd
