-- Which model of ours a bill's name of one means: the same name, the name's own price, or, of a name that no catalogue knows, the one
-- without its date, or the model that has all its words. Azure's meters tell a version by its month and day, gpt-4o-0806: the model that
-- has these, or the one without.
with billed as (

    select distinct
        vendor,
        model as billed_model,
        {{ without_month_and_day('model') }} as plain_model
    from {{ ref('int_usage_lines') }}
    where model is not null

),

used as (

    select distinct
        vendor,
        model
    from {{ ref('int_usage_buckets') }}

)

select
    billed.vendor,
    billed.billed_model,
    used.model
from billed
inner join used on billed.vendor = used.vendor
left join {{ ref('stg_prices__model_matches') }} as matches
    on billed.vendor = matches.provider and matches.model in (billed.billed_model, billed.plain_model)
where
    billed.billed_model = used.model
    or matches.price_model = used.model
    or (matches.price_model is null and used.model = {{ asked_model('billed.billed_model') }})
    or (
        (matches.price_model is null or matches.model <> billed.billed_model)
        and {{ has_words_of('used.model', 'billed.billed_model') }}
    )
qualify row_number() over (
    partition by billed.vendor, billed.billed_model
    order by
        coalesce(billed.billed_model = used.model, false) desc,
        coalesce(matches.model <> billed.billed_model, false) and {{ has_words_of('used.model', 'billed.billed_model') }} desc,
        coalesce(matches.price_model = used.model, false) desc,
        length(used.model), used.model
) = 1
