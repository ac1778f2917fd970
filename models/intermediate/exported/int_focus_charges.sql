{{ config(materialized='days', day='charge_date') }}

-- The ledger in FOCUS's terms, with what only FOCUS asks of a bill.
{%- set ours = [
    'cost_line_id', 'charge_date', 'source', 'file_hash', 'file_row', 'vendor', 'usage_month', 'cost_status', 'model', 'token_class',
] %}
with metered as (

    -- What our logs and the vendor's reports count of it, and what our own prices say of that, public and negotiated.
    select
        charge_date,
        cost_line_id,
        cast(sum(metered_list_usd) as {{ money() }}) as metered_list_usd,
        cast(sum(metered_contracted_usd) as {{ money() }}) as metered_contracted_usd,
        cast(nullif(sum(logged_quantity + more_quantity), 0) as {{ money() }}) as metered_quantity
    from {{ ref('int_line_differences') }}
    where {{ in_days('charge_date') }}
    group by charge_date, cost_line_id

),

public as (

    select
        ledger.*,
        coalesce(
            ledger.list_cost,
            case
                when metered.metered_contracted_usd > 0 and metered.metered_list_usd > 0
                    then {{ at_ratio('ledger.asked_cost', 'metered.metered_list_usd', 'metered.metered_contracted_usd') }}
            end
        ) as known_cost,
        -- A public price of the other sign is none of this charge.
        case when known_cost * sign(ledger.asked_cost) >= 0 then known_cost end as public_cost,
        case when ledger.token_class is not null then metered.metered_quantity end as metered_quantity
    from {{ ref('int_focus_ledger') }} as ledger
    left join metered on ledger.charge_date = metered.charge_date and ledger.cost_line_id = metered.cost_line_id
    where {{ in_days('ledger.charge_date') }}

)

select
    {{ comma_list(ours, 'public') }},
    {{ targets('public') }},
    public.stated_charge_category,
    public.category,
    public.charge_class = 'Correction' as is_correction,
    public.commitment_status,
    {{ comma_list([
        'charge_description', 'charge_frequency', 'charge_period_start', 'charge_period_end', 'billing_period_start', 'billing_account_id',
        'sub_account_id', 'invoice_issuer', 'invoice_id', 'resource_id', 'region', 'provider', 'publisher', 'service_category',
        'commitment_discount_id', 'billing_currency',
    ], 'public') }},
    coalesce(public.consumed_quantity, public.metered_quantity) as consumed_quantity,
    case
        when public.consumed_quantity is not null then public.consumed_unit
        when public.metered_quantity is not null then {{ bucket_meter('public.token_class') }}
    end as consumed_unit,
    public.consumed_quantity is not null as has_consumed_quantity,
    {{ vendor_of("''", 'public.provider', "''", "''") }} = {{ vendor_of("''", 'public.invoice_issuer', "''", "''") }} as is_own_issuer,
    -- A model is what a service sells, and no service.
    coalesce(
        case when contains(lower(public.service), lower(public.model)) then public.provider || ' API' else {{ told('public.service') }} end,
        public.provider, public.vendor, 'Unknown'
    ) as service_name,
    case
        when public.category <> 'Tax'
            then coalesce(
                {{ told('public.sku_id') }}, {{ told('details.sku_price_id') }},
                case
                    when public.category in ('Usage', 'Purchase')
                        then lower(
                            concat_ws('/', public.vendor, coalesce(public.model, public.service, public.provider), public.token_class)
                        )
                end
            )
    end as own_sku_id,
    case when public.category <> 'Tax' then coalesce({{ told('details.sku_price_id') }}, own_sku_id) end as sku_price_id,
    {{ comma_list(charge_detail_types() | reject('equalto', 'sku_price_id'), 'details') }},
    coalesce(public.public_cost, public.asked_cost) as list_cost,
    public.asked_cost as contracted_cost,
    coalesce(public.public_cost = public.list_cost, false) as has_list_cost,
    public.contracted_cost is not null as has_contracted_cost,
    coalesce(public.billed_cost, 0) as billed_cost,
    public.borne_cost as effective_cost,
    {{ comma_list(['list_cost_usd', 'contracted_cost_usd', 'billed_cost_usd', 'effective_cost_usd'], 'public') }}
from public
left join {{ ref('int_charge_details') }} as details
    on
        public.charge_date = details.charge_date
        and public.file_hash = details.file_hash
        and public.file_row = details.file_row
        and {{ in_days('details.charge_date') }}
