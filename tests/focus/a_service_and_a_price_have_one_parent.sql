-- ServiceName-C-005-C, ServiceName-C-008-C, SkuPriceId-C-008-M.
with lines as (

    select * from {{ ref('focus_1_2_cost_and_usage') }}

)

select
    ServiceName as child,
    count(distinct ServiceCategory) as parents,
    count(distinct ServiceSubcategory) as second_parents
from lines
group by ServiceName
having parents <> 1 or second_parents <> 1
union all
select
    SkuPriceId as child,
    count(distinct SkuId) as parents,
    1 as second_parents
from lines
where SkuPriceId is not null
group by SkuPriceId
having parents <> 1
