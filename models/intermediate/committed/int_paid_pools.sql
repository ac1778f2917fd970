-- What balances pay of a pool whose lines do not say so themselves, and which of them pays the most.
select
    {{ pool_columns() }},
    {{ first_known('commitment_id', '(-drawn_cost, commitment_id)') }} as commitment_id,
    max(pool_cost) as pool_cost,
    cast(sum(drawn_cost) as {{ money() }}) as drawn_cost,
    cast(sum(case when is_given then drawn_cost else 0 end) as {{ money() }}) as given_cost
from {{ ref('int_balance_draws') }}
where drawn_by = 'balance'
group by {{ pool_columns() }}
