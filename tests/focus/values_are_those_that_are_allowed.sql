-- depends_on: {{ ref('focus_1_2_cost_and_usage') }}, {{ ref('focus_1_2_cost_and_usage_x') }}, {{ ref('focus_service_subcategories') }}
-- Allowed values, and the category that each subcategory belongs to.
{{ broken_focus_rules('allowed') }}
