with usage as (

    -- Purchases, taxes and credits are no usage.
    {% for commitment in ["'(all)'", 'commitment_discount_id'] -%}
        select
            usage_month as month,
            coalesce(vendor, '(unknown)') as vendor,
            {{ commitment }} as commitment_id,
            coalesce(commitment_discount_status, '') = 'Unused' as is_unused,
            commitment_discount_id is not null and coalesce(commitment_discount_status, '') <> 'Unused' as is_covered,
            list_cost_usd as list_usd,
            contracted_cost_usd as contracted_usd,
            effective_cost_usd as effective_usd
        from {{ ref('fct_cost_lines') }}
        where charge_category = 'Usage' and {{ commitment }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    -- What has no list cost is left out of both sides of the rate, and counted.
    select
        month,
        vendor,
        commitment_id,
        count(*) as charges,
        sum(effective_usd) as effective_usd,
        sum(effective_usd) filter (where is_unused) as unused_usd,
        sum(effective_usd) filter (where is_covered) as covered_effective_usd,
        sum(coalesce(contracted_usd, effective_usd)) filter (where not is_unused) as used_usd,
        sum(coalesce(contracted_usd, effective_usd)) filter (where is_covered) as covered_usd,
        sum(effective_usd) filter (where is_covered and contracted_usd is not null) as priced_effective_usd,
        sum(contracted_usd) filter (where is_covered and effective_usd is not null) as priced_contracted_usd,
        {% for basis in ['list', 'contracted'] -%}
            count(*) filter (where not is_unused and {{ basis }}_usd + effective_usd is null) as no_{{ basis }}_count,
            sum({{ basis }}_usd) filter (where not is_unused and effective_usd is not null) as {{ basis }}_usd,
            sum(effective_usd) filter (where is_unused or {{ basis }}_usd is not null)
                as {{ basis }}_effective_usd{% if not loop.last %},{% endif %}
        {% endfor %}
    from usage
    group by month, vendor, commitment_id

),

chosen as (

    select
        usage_month as month,
        vendor,
        sum(standard_cost_usd - list_cost_usd) as choice_savings_usd,
        sum(calls) filter (where standard_cost_usd - list_cost_usd is null) as unknown_calls
    from {{ ref('int_usage_choices') }}
    group by usage_month, vendor

),

every_row as (

    -- What is chosen is of the vendor as a whole; its calls may have a month that no charge has.
    select
        summed.*,
        coalesce(summed.month, chosen.month) as usage_month,
        coalesce(summed.vendor, chosen.vendor) as vendor_name,
        coalesce(summed.commitment_id, '(all)') as commitment_name,
        coalesce(summed.covered_effective_usd, 0) + coalesce(summed.unused_usd, 0) as committed_usd,
        chosen.choice_savings_usd,
        chosen.unknown_calls
    from summed
    full outer join chosen
        on summed.month = chosen.month and summed.vendor = chosen.vendor and summed.commitment_id = '(all)'

)

select
    md5(usage_month || '|' || vendor_name || '|' || commitment_name) as commitment_savings_key,
    usage_month as month,
    vendor_name as vendor,
    commitment_name as commitment_id,
    nullif(concat_ws(
        '; ',
        case when coalesce(used_usd, 0) <= 0 then 'coverage: no usage with a known cost' end,
        case when committed_usd <= 0 then 'utilisation: no commitment with an effective cost' end,
        case when coalesce(priced_contracted_usd, 0) <= 0 then 'break-even: no covered usage with a contracted cost' end,
        case when coalesce(list_usd, 0) <= 0 then 'savings on list: no used charge with a list cost' end,
        case when coalesce(contracted_usd, 0) <= 0 then 'savings on contracted: no used charge with a contracted cost' end
    ), '') as missing_reason,
    cast(coalesce(charges, 0) as bigint) as charge_count,
    cast(coalesce(no_list_count, 0) as bigint) as no_list_cost_count,
    cast(coalesce(no_contracted_count, 0) as bigint) as no_contracted_cost_count,
    cast(coalesce(unknown_calls, 0) as bigint) as unknown_choice_call_count,
    {{ ratio_of('coalesce(covered_usd, 0)', 'used_usd') }} as coverage_ratio,
    {{ ratio_of('coalesce(covered_effective_usd, 0)', 'committed_usd') }} as utilisation_ratio,
    {{ ratio_of('priced_effective_usd', 'priced_contracted_usd') }} as break_even_utilisation_ratio,
    {{ ratio_of('(list_usd - list_effective_usd)', 'list_usd') }} as effective_savings_ratio,
    {{ ratio_of('(contracted_usd - contracted_effective_usd)', 'contracted_usd') }} as contracted_savings_ratio,
    cast(effective_usd as {{ money() }}) as effective_cost_usd,
    cast(unused_usd as {{ money() }}) as unused_cost_usd,
    cast(covered_effective_usd as {{ money() }}) as covered_effective_cost_usd,
    {% for basis in ['list', 'contracted'] -%}
        cast({{ basis }}_usd as {{ money() }}) as {{ basis }}_cost_usd,
        cast({{ basis }}_effective_usd as {{ money() }}) as {{ basis }}_effective_cost_usd,
    {% endfor -%}
    cast(choice_savings_usd as {{ money() }}) as usage_choice_savings_usd
from every_row
