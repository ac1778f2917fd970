-- Named and priced as on the last day on which it was used.
with used as (

    select
        provider,
        model,
        min(call_date) as first_used_date,
        max(call_date) as last_used_date
    from {{ ref('int_usage_daily') }}
    group by provider, model

),

catalogues as (

    select
        call_date,
        provider,
        model,
        max(price_provider) as price_provider,
        max(price_model) as price_model,
        max(price_catalogue) as price_catalogue
    from {{ ref('int_model_prices') }}
    where service_tier = 'standard'
    group by call_date, provider, model

)

select
    md5(coalesce(used.provider, '') || '|' || coalesce(used.model, '')) as model_key,
    used.provider,
    used.model,
    catalogues.price_provider,
    catalogues.price_model,
    catalogues.price_catalogue,
    resolved.unmetered_prices,
    catalogues.price_catalogue is not null as has_price,
    used.first_used_date,
    used.last_used_date
from used
left join catalogues
    on
        used.last_used_date = catalogues.call_date
        and coalesce(used.provider, '') = coalesce(catalogues.provider, '')
        and used.model = catalogues.model
left join {{ ref('int_models_resolved') }} as resolved
    on
        used.last_used_date = resolved.call_date
        and coalesce(used.provider, '') = coalesce(resolved.provider, '')
        and used.model = resolved.model
