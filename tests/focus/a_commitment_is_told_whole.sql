-- depends_on: {{ ref('focus_1_2_cost_and_usage') }}, {{ ref('focus_1_2_cost_and_usage_x') }}, {{ ref('focus_service_subcategories') }}
-- Commitments and reservations of capacity.
{{ broken_focus_rules('commitment') }}
