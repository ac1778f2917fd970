-- Each line of usage as a whole: what it bills for what we logged, what we metered for that, and how finely it is rounded.
{%- set charged = '(lines.billed_cost + lines.drawn_cost)' %}
{%- set counts = bucket_meter('differences.token_class') ~ " = 'tokens'" %}
select
    differences.charge_date,
    differences.cost_line_id,
    lines.vendor,
    lines.source,
    lines.region,
    lines.model,
    {{ charge_words_of('lines') }} || ' ' as words,
    lines.commitment_discount_id,
    coalesce(lines.charge_class = 'Correction', false) as is_correction,
    {{ month_of('lines.charge_date') }} as month,
    bool_or(differences.is_unpriced) as is_unpriced,
    -- What the tokens without a price would cost at the dearest price that is known of the vendor, else of any.
    case
        when bool_and(coalesce(own.dearest_price, dearest.dearest_price) is not null) filter (where differences.is_unpriced)
            then cast(sum(
                cast(differences.logged_quantity as decimal(19, 6)) * coalesce(own.dearest_price, dearest.dearest_price)
            ) filter (where differences.is_unpriced) as {{ money() }})
    end as most_unpriced_usd,
    -- Half of the last digit that the bill shows, in USD.
    case
        when {{ decimal_digits(charged) }} <= 6
            then
                0.5 * power(10, -greatest({{ decimal_digits(charged) }}, 2))
                * coalesce(cast(lines.compared_cost_usd as double) / nullif(cast({{ charged }} as double), 0), 1)
        else 0
    end as half_digit,
    case
        when lines.list_cost > 0 and lines.contracted_cost < lines.list_cost
            then cast(lines.contracted_cost as double) / cast(lines.list_cost as double)
    end as line_discount_ratio,
    cast(sum(case when {{ counts }} then differences.logged_quantity end) as decimal(38, 6)) as metered_tokens,
    -- Neither the bill nor a report counts some of it: what the vendor counts is not known.
    case
        when not bool_or(differences.is_quantity_unknown)
            then cast(sum(case when {{ counts }} then differences.logged_quantity + differences.more_quantity end) as decimal(38, 6))
    end as billed_tokens,
    cast(sum(differences.metered_list_usd) as {{ money() }}) as metered_list_usd,
    cast(sum(differences.metered_contracted_usd) as {{ money() }}) as metered_contracted_usd,
    cast(sum(differences.discount_usd) as {{ money() }}) as discount_usd,
    cast(sum(differences.credit_usd) as {{ money() }}) as credit_usd,
    cast(sum(differences.billed_cost_usd - differences.credit_usd - differences.quantity_usd) as {{ money() }}) as billed_for_logged_usd,
    cast(sum(differences.price_usd) as {{ money() }}) as price_usd
from {{ ref('int_line_differences') }} as differences
inner join {{ ref('int_cost_lines') }} as lines
    on differences.charge_date = lines.charge_date and differences.cost_line_id = lines.cost_line_id
left join {{ ref('int_dearest_prices') }} as own on differences.vendor = own.vendor and differences.token_class = own.token_class
left join {{ ref('int_dearest_prices') }} as dearest on dearest.vendor is null and differences.token_class = dearest.token_class
group by all
