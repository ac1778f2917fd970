{{ config(materialized='view') }}

select {{ comma_list(focus_columns()) }}
from {{ beside(ref('focus_1_2_cost_and_usage_x')) }}
