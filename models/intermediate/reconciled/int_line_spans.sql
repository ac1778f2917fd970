-- Quantity is valued at a line's average price. Where the size of a request makes a price, what is more or less may have cost another one:
-- how much less and how much more than that average, and of which cause it is.
with differences as (

    select
        lines.charge_date,
        lines.cost_line_id,
        causes.cause,
        abs(lines.quantity_usd) as weight,
        cast(lines.more_quantity as double) * prices.lowest_price - cast(lines.quantity_usd as double) as at_lowest_usd,
        cast(lines.more_quantity as double) * prices.highest_price - cast(lines.quantity_usd as double) as at_highest_usd,
        -- A line's share of a quantity is kept to six digits.
        0.000001 * prices.highest_price as rounding_usd
    from {{ ref('int_line_differences') }} as lines
    inner join {{ ref('int_bucket_prices') }} as prices on {{ same_priced_bucket('lines', 'prices') }}
    inner join {{ ref('int_bucket_causes') }} as causes on {{ same_bucket('lines', 'causes') }}
    where lines.more_quantity <> 0
    qualify row_number() over (
        partition by lines.charge_date, lines.cost_line_id, {{ bucket_columns('lines') }}
        order by abs(causes.quantity) desc, causes.cause
    ) = 1

)

select
    charge_date,
    cost_line_id,
    {{ first_known('cause', '(-weight, cause)') }} as cause,
    sum(least(at_lowest_usd, at_highest_usd) - rounding_usd) as least_usd,
    sum(greatest(at_lowest_usd, at_highest_usd) + rounding_usd) as most_usd
from differences
group by charge_date, cost_line_id
