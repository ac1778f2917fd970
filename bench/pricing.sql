-- The floor of pricing: what one writes by hand, over the tables calls, prices and hosted, whose models have no price.
select
    c.*, p.price_key, p.price_provider, p.price_model,
    case when c.is_gateway_cache_hit then 0 when h.model is null then (
        case when c.input_uncached_tokens > 0 then c.input_uncached_tokens::decimal(19, 0) * p.input_uncached_list_price else 0 end
        + case when c.cache_read_tokens > 0 then c.cache_read_tokens::decimal(19, 0) * p.cache_read_list_price else 0 end
        + case when c.cache_write_5m_tokens > 0 then c.cache_write_5m_tokens::decimal(19, 0) * p.cache_write_5m_list_price else 0 end
        + case when c.cache_write_1h_tokens > 0 then c.cache_write_1h_tokens::decimal(19, 0) * p.cache_write_1h_list_price else 0 end
        + case when c.output_tokens > 0 then c.output_tokens::decimal(19, 0) * p.output_list_price else 0 end
        + case when c.reasoning_tokens > 0 then c.reasoning_tokens::decimal(19, 0) * p.reasoning_list_price else 0 end
        + case when c.audio_input_tokens > 0 then c.audio_input_tokens::decimal(19, 0) * p.audio_input_list_price else 0 end
        + case when c.audio_output_tokens > 0 then c.audio_output_tokens::decimal(19, 0) * p.audio_output_list_price else 0 end
        + case when c.image_input_tokens > 0 then c.image_input_tokens::decimal(19, 0) * p.image_input_list_price else 0 end
        + case when c.image_output_tokens > 0 then c.image_output_tokens::decimal(19, 0) * p.image_output_list_price else 0 end
        + case when c.web_searches > 0 then c.web_searches::decimal(19, 0) * p.web_searches_list_price else 0 end
        + p.requests_list_price
    )::decimal(38, 18) end as list_cost_usd,
    list_cost_usd as contracted_cost_usd
from (
    select
        *,
        extract(hour from called_at) * 3600 + extract(minute from called_at) * 60 + floor(extract(second from called_at)) as second,
        coalesce(input_uncached_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
        + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0) as input_tokens
    from calls
) as c
left join (select distinct call_date, provider, model, service_tier from prices) as t using (call_date, provider, model, service_tier)
left join prices as p
    on
        c.call_date = p.call_date and c.provider = p.provider and c.model = p.model
        and coalesce(t.service_tier, 'standard') = p.service_tier
        and c.second >= p.from_second and c.second < p.to_second
        and c.input_tokens > p.input_tokens_over and c.input_tokens <= p.input_tokens_up_to
left join hosted as h on c.call_date = h.call_date and c.provider = h.provider and c.model = h.model
