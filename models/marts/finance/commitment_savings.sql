{%- set is_covered = "commitment_discount_id is not null and not is_unused" %}
with usage as (

    -- Purchases, taxes and credits are no usage.
    select
        usage_month as month,
        vendor,
        commitment_discount_id,
        coalesce(commitment_discount_status = 'Unused', false) as is_unused,
        list_cost_usd,
        contracted_cost_usd,
        effective_cost_usd
    from {{ ref('fct_cost_lines') }}
    where charge_category = 'Usage'

),

summed as (

    -- What has no list cost is left out of both sides of the rate, and counted.
    select
        month,
        vendor,
        case when grouping(commitment_discount_id) = 1 then '(all)' else commitment_discount_id end as commitment_id,
        count(*) as charges,
        sum(effective_cost_usd) as effective_usd,
        sum(effective_cost_usd) filter (where is_unused) as unused_usd,
        sum(effective_cost_usd) filter (where {{ is_covered }}) as covered_effective_usd,
        sum(coalesce(contracted_cost_usd, effective_cost_usd)) filter (where not is_unused) as used_usd,
        sum(coalesce(contracted_cost_usd, effective_cost_usd)) filter (where {{ is_covered }}) as covered_usd,
        sum(effective_cost_usd) filter (where {{ is_covered }} and contracted_cost_usd is not null) as priced_effective_usd,
        sum(contracted_cost_usd) filter (where {{ is_covered }} and effective_cost_usd is not null) as priced_contracted_usd,
        {% for basis in ['list', 'contracted'] -%}
            count(*) filter (where not is_unused and {{ basis }}_cost_usd + effective_cost_usd is null) as no_{{ basis }}_count,
            sum({{ basis }}_cost_usd) filter (where not is_unused and effective_cost_usd is not null) as {{ basis }}_usd,
            sum(effective_cost_usd) filter (where is_unused or {{ basis }}_cost_usd is not null) as {{ basis }}_effective_usd
            {{- ',' if not loop.last }}
        {% endfor %}
    from usage
    group by grouping sets ((month, vendor), (month, vendor, commitment_discount_id))
    having grouping(commitment_discount_id) = 1 or commitment_discount_id is not null

),

chosen as (

    select
        usage_month as month,
        vendor,
        '(all)' as commitment_id,
        sum(standard_cost_usd - list_cost_usd) as choice_savings_usd,
        sum(calls) filter (where standard_cost_usd - list_cost_usd is null) as unknown_calls
    from {{ ref('int_usage_choices') }}
    group by usage_month, vendor

)

select
    md5(month || '|' || vendor || '|' || commitment_id) as commitment_savings_key,
    month,
    vendor,
    commitment_id,
    nullif(concat_ws(
        '; ',
        case when coalesce(used_usd, 0) <= 0 then 'coverage: no usage with a known cost' end,
        case when coalesce(covered_effective_usd, 0) + coalesce(unused_usd, 0) <= 0 then 'utilisation: no commitment with an effective cost' end,
        case when coalesce(priced_contracted_usd, 0) <= 0 then 'break-even: no covered usage with a contracted cost' end,
        case when coalesce(list_usd, 0) <= 0 then 'savings on list: no used charge with a list cost' end,
        case when coalesce(contracted_usd, 0) <= 0 then 'savings on contracted: no used charge with a contracted cost' end
    ), '') as missing_reason,
    cast(coalesce(charges, 0) as bigint) as charge_count,
    cast(coalesce(no_list_count, 0) as bigint) as no_list_cost_count,
    cast(coalesce(no_contracted_count, 0) as bigint) as no_contracted_cost_count,
    cast(coalesce(unknown_calls, 0) as bigint) as unknown_choice_call_count,
    case when used_usd > 0 then {{ share_of('coalesce(covered_usd, 0)', 'used_usd') }} end as coverage_ratio,
    case
        when coalesce(covered_effective_usd, 0) + coalesce(unused_usd, 0) > 0
            then {{ share_of('coalesce(covered_effective_usd, 0)', 'coalesce(covered_effective_usd, 0) + coalesce(unused_usd, 0)') }}
    end as utilisation_ratio,
    case when priced_contracted_usd > 0 then {{ per_unit('priced_effective_usd', 'priced_contracted_usd') }} end as break_even_utilisation_ratio,
    {% for basis in ['list', 'contracted'] -%}
        case when {{ basis }}_usd > 0 then {{ per_unit(basis ~ '_usd - ' ~ basis ~ '_effective_usd', basis ~ '_usd') }} end
            as {{ 'effective' if basis == 'list' else basis }}_savings_ratio,
    {% endfor -%}
    {% for amount in ['effective', 'unused'] -%}
        cast({{ amount }}_usd as {{ money() }}) as {{ amount }}_cost_usd,
    {% endfor -%}
    cast(covered_effective_usd as {{ money() }}) as covered_effective_cost_usd,
    {% for basis in ['list', 'contracted'] -%}
        cast({{ basis }}_usd as {{ money() }}) as {{ basis }}_cost_usd,
        cast({{ basis }}_effective_usd as {{ money() }}) as {{ basis }}_effective_cost_usd,
    {% endfor -%}
    cast(choice_savings_usd as {{ money() }}) as usage_choice_savings_usd
from summed
full outer join chosen using (month, vendor, commitment_id)
