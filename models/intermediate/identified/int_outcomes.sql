-- For the customer that its name stands for.
select
    outcomes.outcome_id,
    outcomes.outcome_type,
    outcomes.status,
    outcomes.occurred_at,
    outcomes.occurred_date,
    nullif(trim(outcomes.workflow), '') as workflow,
    nullif(trim(outcomes.feature), '') as feature,
    coalesce(aliases.customer_id, nullif(trim(outcomes.customer_id), '')) as customer_id
from {{ ref('stg_outcomes__outcomes') }} as outcomes
left join {{ ref('stg_company__customer_aliases') }} as aliases
    on
        aliases.source = 'outcomes'
        and outcomes.customer_id = aliases.source_customer_id
        and {{ is_valid('aliases', 'outcomes.occurred_date') }}
