-- depends_on: {{ ref('focus_1_2_cost_and_usage') }}, {{ ref('focus_1_2_cost_and_usage_x') }}, {{ ref('focus_service_subcategories') }}
-- Costs and prices; what others are paid for is not billed.
{{ broken_focus_rules('arithmetic') }}
