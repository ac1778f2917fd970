select
    {{ provider_of('provider') }} as provider,
    model,
    cluster,
    namespace,
    controller,
    {{ provider_of('reference_provider') }} as reference_provider,
    reference_model,
    input_weight,
    output_weight,
    valid_from,
    valid_to,
    owner,
    approved_by,
    reason
from {{ company_rows('self_hosted_models') }}
