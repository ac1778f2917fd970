-- Resolved once for each model used on a day, so that calls find their price by equality.
with used as (

    select * from {{ ref('stg_files__models_used') }}

),

tiers as (

    select distinct service_tier from {{ ref('stg_prices__book') }}

),

matched as (

    select
        used.call_date,
        used.provider,
        used.model,
        matches.price_provider,
        matches.price_model
    from used
    inner join {{ ref('stg_prices__model_matches') }} as matches
        on coalesce(used.provider, '') = coalesce(matches.provider, '') and used.model = matches.model
    where matches.price_model is not null

),

wanted as (

    -- A tier for which the vendor names no price of its own costs what the standard tier costs.
    select
        matched.*,
        tiers.service_tier,
        case
            when exists (
                select 1
                from {{ ref('stg_prices__book') }} as own
                where
                    own.price_provider = matched.price_provider
                    and own.price_model = matched.price_model
                    and own.service_tier = tiers.service_tier
            ) then tiers.service_tier
            else 'standard'
        end as priced_tier
    from matched
    cross join tiers

)

select
    wanted.call_date,
    wanted.provider,
    wanted.model,
    wanted.service_tier,
    book.from_second,
    book.to_second,
    book.input_tokens_over,
    book.input_tokens_up_to,
    wanted.price_provider,
    wanted.price_model,
    md5(
        coalesce(wanted.provider, '') || '|' || wanted.model || '|' || wanted.service_tier || '|' || wanted.call_date
        || '|' || book.from_second || '|' || book.input_tokens_over
    ) as price_key,
    {% for meter in all_meters() -%}
        book.{{ meter }}_price{% if not loop.last %},{% endif %}
    {% endfor %}
from wanted
inner join {{ ref('stg_prices__book') }} as book
    on
        wanted.price_provider = book.price_provider
        and wanted.price_model = book.price_model
        and wanted.priced_tier = book.service_tier
        and wanted.call_date >= book.valid_from
        and wanted.call_date < book.valid_to
