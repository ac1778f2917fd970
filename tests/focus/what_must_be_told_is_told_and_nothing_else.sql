-- depends_on: {{ ref('focus_1_2_cost_and_usage') }}, {{ ref('focus_1_2_cost_and_usage_x') }}, {{ ref('focus_service_subcategories') }}
-- Nullability: by column, and of columns that are told together.
{{ broken_focus_rules('told') }}
