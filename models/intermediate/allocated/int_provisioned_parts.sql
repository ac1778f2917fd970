-- Provisioned throughput that was used, over those whose calls ran on it.
with calls as (

    select
        call_date,
        commitment_id,
        {{ targets() }},
        sum(used_cost) as weight
    from {{ ref('int_provisioned_calls') }}
    group by all

),

weighed as (

    select
        rules.charge_date,
        rules.cost_line_id,
        rules.rule_id,
        {{ targets('calls') }},
        {{ target_key('calls') }} as target_key,
        calls.weight,
        cast(1 as {{ money() }}) as allocation_ratio,
        {{ comma_list(cost_columns(), 'rules') }}
    from {{ ref('int_charge_rules') }} as rules
    inner join calls on rules.charge_date = calls.call_date and rules.commitment_discount_id = calls.commitment_id
    where rules.method = 'provisioned'

)

{{ exact_parts('weighed', 'charge_date, cost_line_id', 'target_key', ['rule_id'] + target_columns()) }}
