{{ config(materialized='table', meta={'fingerprint_days': ['charge_date']}) }}

-- A service has one category and one subcategory, whatever its bills say: those of most of its charges.
with categories as (

    select distinct service_category from {{ ref('focus_service_subcategories') }}

),

counted as (

    select
        service_name,
        service_category as stated_category,
        service_subcategory as stated_subcategory,
        model is not null as is_model,
        count(*) as charge_count
    from {{ ref('int_focus_charges') }}
    group by all

),

sorted as (

    select
        counted.service_name,
        coalesce(
            categories.service_category, words.service_category, case when counted.is_model then 'AI and Machine Learning' else 'Other' end
        ) as category,
        coalesce(
            subcategories.service_subcategory,
            case when categories.service_category is null then words.service_subcategory end,
            case when category = 'AI and Machine Learning' and counted.is_model then 'Generative AI' end,
            'Other (' || category || ')'
        ) as subcategory,
        counted.charge_count
    from counted
    left join categories on counted.stated_category = categories.service_category
    left join {{ ref('focus_service_subcategories') }} as subcategories
        on counted.stated_category = subcategories.service_category and counted.stated_subcategory = subcategories.service_subcategory
    left join {{ ref('service_category_words') }} as words on lower(counted.stated_category) = words.words

),

weighed as (

    select
        service_name,
        category,
        subcategory,
        sum(charge_count) as charge_count
    from sorted
    group by all

),

chosen as (

    select *
    from weighed
    qualify row_number() over (partition by service_name order by charge_count desc, category asc, subcategory asc) = 1

),

days as (

    select distinct
        charge_date,
        service_name
    from {{ ref('int_focus_charges') }}

)

select
    days.charge_date,
    days.service_name,
    chosen.category as service_category,
    chosen.subcategory as service_subcategory
from days
inner join chosen on days.service_name = chosen.service_name
