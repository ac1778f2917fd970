{{ config(materialized='table') }}

-- Where both catalogues have a model, the cells are where their boxes overlap: in each, every price is constant.
{%- set names = [
    'match_key', 'provider', 'model', 'resolved_provider', 'resolved_model', 'price_provider', 'price_model', 'litellm_model',
] %}
with used as (

    select distinct {{ comma_list(names) }}
    from {{ ref('int_models_resolved') }}

),

firsts as (

    select * from {{ ref('stg_prices__book') }}
    where catalogue = 'genai-prices'

),

seconds as (

    select
        *,
        {{ has_own_prices() }}
    from {{ ref('stg_prices__book') }}
    where catalogue = 'litellm'

),

tiers as (

    -- The tiers of service that a catalogue or a contract names for the model.
    select
        used.match_key,
        firsts.service_tier
    from used
    inner join firsts on used.price_provider = firsts.price_provider and used.price_model = firsts.price_model
    union
    select
        used.match_key,
        seconds.service_tier
    from used
    inner join seconds on used.litellm_model = seconds.price_model
    union
    select
        used.match_key,
        coalesce(lower(contracts.commitment_tier), 'standard') as service_tier
    from used
    inner join {{ ref('stg_company__contract_prices') }} as contracts on {{ is_contract_of('contracts', 'used') }}

),

wanted as (

    -- In a catalogue that does not name it, a tier costs what the standard one costs, unless the other one has a price for it.
    select
        used.*,
        tiers.service_tier,
        case
            when exists (
                select 1
                from firsts
                where
                    firsts.price_provider = used.price_provider
                    and firsts.price_model = used.price_model
                    and firsts.service_tier = tiers.service_tier
            ) then tiers.service_tier
            else 'standard'
        end as first_tier,
        case
            when exists (
                select 1
                from seconds
                where seconds.price_model = used.litellm_model and seconds.service_tier = tiers.service_tier
            ) then tiers.service_tier
            else 'standard'
        end as second_tier
    from used
    inner join tiers on used.match_key = tiers.match_key

)

select
    wanted.match_key,
    wanted.provider,
    wanted.model,
    wanted.service_tier,
    {% for start, end, least_start, greatest_end in price_bounds() -%}
        coalesce(greatest(firsts.{{ start }}, seconds.{{ start }}), {{ least_start }}) as {{ start }},
        coalesce(least(firsts.{{ end }}, seconds.{{ end }}), {{ greatest_end }}) as {{ end }},
    {% endfor -%}
    coalesce(firsts.price_provider, seconds.price_provider) as price_provider,
    coalesce(firsts.price_model, seconds.price_model) as price_model,
    {% for meter in all_meters() -%}
        case when wanted.first_tier = wanted.service_tier or seconds.has_own_{{ meter }}_price is not true then firsts.{{ meter }}_price end
            as {{ meter }}_first_price,
        seconds.{{ meter }}_price as {{ meter }}_second_price{% if not loop.last %},{% endif %}
    {% endfor %}
from wanted
left join firsts
    on
        wanted.price_provider = firsts.price_provider
        and wanted.price_model = firsts.price_model
        and wanted.first_tier = firsts.service_tier
left join seconds
    on
        wanted.litellm_model = seconds.price_model
        and wanted.second_tier = seconds.service_tier
        and {{ prices_overlap('firsts', 'seconds') }}
