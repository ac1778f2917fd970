-- Usage without a price of a model that the company runs itself, on days for which `self_hosted_models` does not say so: what the nodes
-- cost whose pods it names. At its least the pods' share, at its most with what was idle beside them.
{%- set pods = ['cluster', 'namespace', 'controller'] %}
with usage as (

    select
        {{ month_of('usage.call_date') }} as month,
        coalesce(usage.provider, '(unknown)') as vendor,
        usage.model,
        usage.customer_id,
        usage.pricing_status,
        {{ comma_list(pods, 'hosted') }},
        -- Of calls without a price not even the reference model's is known: without weights of their own, tokens weigh alike.
        {{ served_weight("case when hosted.output_weight is null then 'tokens' else 'weights' end", 'usage', 'hosted') }} as weight
    from {{ ref('int_usage_daily') }} as usage
    inner join {{ ref('int_own_models') }} as hosted
        on coalesce(usage.provider, '') = coalesce(hosted.provider, '') and usage.model = hosted.model
    where usage.pricing_status <> 'priced'

),

costs as (

    select
        {{ month_of('run_date') }} as month,
        {{ comma_list(pods) }},
        is_idle,
        sum(coalesce(billed_cost_usd, kubernetes_cost)) as cost_usd
    from {{ ref('int_cluster_costs') }}
    group by all

),

clusters as (

    select
        month,
        cluster,
        cast(sum(cost_usd) as double) / nullif(cast(sum(cost_usd) filter (where not is_idle) as double), 0) as with_idle_ratio
    from costs
    group by month, cluster

),

served as (

    select
        month,
        {{ comma_list(pods) }},
        sum(weight) as weight
    from usage
    group by all

),

rates as (

    select
        served.month,
        {{ comma_list(pods, 'served') }},
        cast(sum(costs.cost_usd) as double) / nullif(min(served.weight), 0) as least_rate,
        cast(sum(costs.cost_usd) as double) / nullif(min(served.weight), 0) * min(clusters.with_idle_ratio) as most_rate
    from served
    inner join costs on served.month = costs.month and not costs.is_idle and {{ serves('costs', 'served') }}
    inner join clusters on served.month = clusters.month and served.cluster = clusters.cluster
    group by all

),

-- Of a month without them, as cheap and as dear as in any other.
any_rates as (

    select
        {{ comma_list(pods) }},
        min(least_rate) as least_rate,
        max(most_rate) as most_rate
    from rates
    group by all

)

select
    usage.month,
    usage.vendor,
    usage.model,
    usage.customer_id,
    {{ estimate('sum(usage.weight)', 'coalesce(min(rates.least_rate), min(any_rates.least_rate))') }} as cost_low_usd,
    {{ estimate('sum(usage.weight)', 'coalesce(max(rates.most_rate), max(any_rates.most_rate))') }} as cost_high_usd
from usage
inner join any_rates
    on
        usage.cluster = any_rates.cluster
        and usage.namespace = any_rates.namespace
        and coalesce(usage.controller, '') = coalesce(any_rates.controller, '')
left join rates
    on
        usage.month = rates.month
        and usage.cluster = rates.cluster
        and usage.namespace = rates.namespace
        and coalesce(usage.controller, '') = coalesce(rates.controller, '')
where usage.pricing_status = 'unpriced' and usage.weight is not null
group by usage.month, usage.vendor, usage.model, usage.customer_id
