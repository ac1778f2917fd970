"""`litellm_prices`: LiteLLM's price map (model_prices_and_context_window.json) as it is published, a row a model.

Prices are kept by the names that the map gives them, less the prefix. The map is written from binary floating point, so
digits after the eighteenth are noise and are rounded away. What a map says beside prices is named in the manifest and
not kept. When a map is known from, its path or its first sighting says: see `price_history`.
"""

from orchestration.ingest.spec import KEY, Column, Source

MODULE_VERSION = 1


def prices(name: str, prefix: str) -> Column:
    return Column(name, "prices", prefixes=(prefix,))


SOURCE = Source(
    name="litellm_prices",
    version=MODULE_VERSION,
    by_day=False,
    levels=(("*",),),
    columns=(
        Column("model", landed=("model", KEY), required=True, not_null=True),
        Column("provider", landed=("litellm_provider",), required=True),
        Column("mode"),
        Column("alias_of"),
        prices("input_costs", "input_cost_per_"),
        prices("output_costs", "output_cost_per_"),
        prices("cache_read_costs", "cache_read_input_"),
        prices("cache_write_costs", "cache_creation_input_"),
        Column("search_costs", "prices", landed=("search_context_cost_per_query",)),
        Column("tiered_pricing"),
        Column("off_peak_pricing"),
    ),
)
