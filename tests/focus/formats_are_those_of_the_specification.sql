-- depends_on: {{ ref('focus_1_2_cost_and_usage') }}, {{ ref('focus_1_2_cost_and_usage_x') }}, {{ ref('focus_service_subcategories') }}
-- Times, currencies, units, key-value texts; an end lies behind its start.
{{ broken_focus_rules('format') }}
