{{ config(materialized='days', day='x_ChargeDate') }}

select
    {{ comma_list(focus_columns() + focus_own_columns() | list) }},
    charge_date as x_ChargeDate
from {{ ref('int_focus_lines') }}
where {{ in_days('charge_date') }}
