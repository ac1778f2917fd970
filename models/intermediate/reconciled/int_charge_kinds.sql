-- What a charge is that no model's usage explains, by what it says itself; null: usage. Words of bills stand in charge_words.
with told as (

    select
        lines.charge_date,
        lines.cost_line_id,
        {{ charge_words_of('lines') }} as words
    from {{ ref('int_cost_lines') }} as lines
    where {{ is_on_a_bill('lines') }}

),

named as (

    select
        lines.charge_date,
        lines.cost_line_id,
        words.cause
    from told as lines
    inner join {{ ref('charge_words') }} as words on contains(lines.words, ' ' || words.words)
    qualify row_number() over (partition by lines.charge_date, lines.cost_line_id order by words.priority, words.words) = 1

)

select
    lines.charge_date,
    lines.cost_line_id,
    case
        when lines.charge_category = 'Tax' then 'tax'
        when bought.cost_line_id is not null or lines.commitment_discount_status = 'Unused' then 'prepaid_or_commitment'
        when named.cause is not null then named.cause
        when lines.charge_category = 'Credit' then 'promotional_credit'
        -- What takes counted tokens back, as before they are billed anew, is for these tokens.
        when lines.charge_category = 'Usage' and lines.charge_class = 'Correction' and {{ tokens_of_line('lines') }} < 0 then null
        when (lines.charge_category = 'Adjustment' or lines.charge_class = 'Correction') and lines.billed_cost < 0 then 'refund'
        when lines.charge_category = 'Purchase' and lines.commitment_discount_id is not null then 'prepaid_or_commitment'
        when lines.charge_category = 'Purchase' then 'non_token_meter'
        when lines.charge_category = 'Usage' then null
        else 'unexplained'
    end as cause
from {{ ref('int_cost_lines') }} as lines
left join named on lines.charge_date = named.charge_date and lines.cost_line_id = named.cost_line_id
left join {{ ref('int_commitment_charges') }} as bought on lines.cost_line_id = bought.cost_line_id
where {{ is_on_a_bill('lines') }}
