{{ config(materialized='table') }}

-- A model that some logs name with its vendor and others without is one, and resolved once.
select distinct
    named.call_date,
    coalesce(named.provider, vendors.provider) as provider,
    named.model
from {{ ref('int_models_logged') }} as named
left join {{ ref('int_unnamed_vendors') }} as vendors
    on named.call_date = vendors.call_date and named.model = vendors.model
