"""The demo company: who buys, who builds, what runs, on which models. All names are invented; the models are real."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ENVIRONMENTS = ("production", "staging", "development")
TEAMS = ("support_engineering", "documents", "search", "localisation", "developer_experience", "ml_platform")
TEAM_PRODUCT = {
    "support_engineering": "assist",
    "documents": "compose",
    "search": "discover",
    "localisation": "compose",
    "developer_experience": "internal_tools",
    "ml_platform": "internal_tools",
}

# Who bears what internal use costs, in equal parts.
PLATFORM_TEAMS = ("developer_experience", "ml_platform")
# A team that makes no calls: it keeps the records, and moved to another cost centre in the middle of a month.
RECORDS_TEAM = "records"
# Whose the GPUs are that nobody uses.
IDLE_TEAM = "ml_platform"
TEAM_MOVED_ON = date(2026, 10, 16)

UNALLOCATED = "(unallocated)"
INTERNAL = "(internal)"
GATEWAY = "litellm"
TIERS = ("standard", "batch")
MEDIA = ("audio_input", "image_input", "audio_output", "image_output")
# What one unit was worth in USD, and from when. Of SEK nobody has looked up a rate.
LABOUR_RATES = {"support engineer": "36", "editor": "48"}  # USD an hour
FX_RATES = (("EUR", "1.0850", date(2026, 1, 1)), ("EUR", "1.1025", date(2026, 9, 1)))


def usd_per_unit(currency: str, day: date) -> Decimal | None:
    """What one unit is worth in USD; None without a rate."""
    if currency == "USD":
        return Decimal(1)
    rates = [Decimal(rate) for name, rate, since in FX_RATES if name == currency and since <= day]
    return rates[-1] if rates else None


@dataclass(frozen=True)
class Model:
    """A model as LiteLLM logs it. `provider` is its custom_llm_provider; `caching` is how its vendor counts caches."""

    provider: str
    name: str
    group: str
    caching: str = "none"  # none | read (free writes) | write (writes are charged, too)
    reasoning_share: int = 0  # per 1024 of the completion's tokens, at the median
    is_embedding: bool = False
    is_priced: bool = True
    tokens_per_second: int = 90


MODELS = (
    Model("openai", "gpt-5.6-sol", "chat-large", "read", 460),
    Model("openai", "gpt-5-mini-2025-08-07", "chat-small", "read", 380),
    Model("openai", "gpt-4.1-mini-2025-04-14", "chat-medium", "read"),
    Model("openai", "gpt-4.1-nano-2025-04-14", "chat-tiny", "read"),
    Model("openai", "gpt-4.1-2025-04-14", "notebook", "read"),
    Model("openai", "o4-mini-2025-04-16", "reasoning", "read", 620),
    Model("openai", "text-embedding-3-small", "embed", is_embedding=True),
    Model("anthropic", "claude-sonnet-4-5-20250929", "agent", "write"),
    Model("anthropic", "claude-haiku-4-5-20251001", "chat-fast", "write"),
    Model("anthropic", "claude-opus-5", "writer", "write", tokens_per_second=60),
    Model("anthropic", "claude-opus-4-1-20250805", "notebook", "write", tokens_per_second=60),
    Model("bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", "agent-fast", "write"),
    Model("bedrock", "us.amazon.nova-pro-v1:0", "chat-medium", "read"),
    Model("bedrock", "amazon.nova-lite-v1:0", "chat-small"),
    Model("vertex_ai", "gemini-2.5-pro", "writer", "read", 410),
    Model("vertex_ai", "gemini-2.5-flash", "chat-fast", "read", 250),
    Model("vertex_ai", "gemini-embedding-001", "embed", is_embedding=True),
    Model("vertex_ai", "gemini-live-2.5-flash", "voice"),
    Model("vertex_ai", "gemini-2.5-flash-image", "images"),
    Model("hosted_vllm", "inhouse-ranker-v2", "ranker", is_priced=False),
)
MODEL_NO = {(model.provider, model.name): number for number, model in enumerate(MODELS)}
UNPRICED_MODEL = MODEL_NO["hosted_vllm", "inhouse-ranker-v2"]

# Where the company runs that model, and since when its config says so. Its output weighs four times its input.
HOSTED_SINCE = date(2026, 10, 1)
HOSTED_CLUSTER, HOSTED_NAMESPACE = "inference", "ranker"
HOSTED_WEIGHTS = (1, 4)
GPU_NODE = "i-07365617c91be24d05f"

API_BASE = {
    "openai": "https://api.openai.com/v1/",
    "anthropic": "https://api.anthropic.com/v1/messages",
    "bedrock": "https://bedrock-runtime.us-east-1.amazonaws.com",
    "vertex_ai": "https://us-central1-aiplatform.googleapis.com",
    "hosted_vllm": "http://ranker.internal:8000/v1/",
}


def _model(name: str) -> int:
    return next(number for number, model in enumerate(MODELS) if model.name == name)


@dataclass(frozen=True)
class Workflow:
    """What runs. `calls_share` is per 1000 of a day's calls; `loops` are equally likely counts of calls in a trace;
    `models` are (model, weight); `first_model` replaces the first call's model; tokens are medians, those of sound and
    pictures in the order of MEDIA.

    `log`: the source to which it writes its calls, None where it writes nothing. `keeps_one_in`: its log is sampled.
    `traces_one_in`: tracing sees its production, too, or some of it; 0: nothing.
    """

    name: str
    team: str
    feature: str
    calls_share: int
    loops: tuple[int, ...]
    models: tuple[tuple[int, int], ...]
    prompt_tokens: int
    growth_tokens: int  # what one more loop adds to the context
    completion_tokens: int
    expected_loops: int
    task_tier: str
    outcome_type: str | None
    first_models: tuple[int, ...] = ()
    is_internal: bool = False
    value_cents: int = 0
    environment_weights: tuple[int, int, int] = (90, 6, 4)
    log: str | None = GATEWAY
    traces_one_in: int = 0
    keeps_one_in: int = 1
    service_tier: str = "standard"
    media_tokens: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def product(self) -> str:
        return TEAM_PRODUCT[self.team]


WORKFLOWS = (
    Workflow(
        name="support_agent",
        team="support_engineering",
        feature="helpdesk",
        calls_share=224,
        loops=(2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 7, 8, 11, 18),
        models=(
            (_model("claude-sonnet-4-5-20250929"), 30),
            (_model("us.anthropic.claude-haiku-4-5-20251001-v1:0"), 50),
            (_model("gpt-5.6-sol"), 20),
        ),
        prompt_tokens=2600,
        growth_tokens=850,
        completion_tokens=210,
        expected_loops=6,
        task_tier="complex",
        outcome_type="support_case",
        value_cents=650,
    ),
    Workflow(
        name="document_generator",
        team="documents",
        feature="drafting",
        calls_share=80,
        loops=(2, 2, 3, 3, 3, 4, 4, 6),
        models=((_model("gemini-2.5-pro"), 45), (_model("gpt-5.6-sol"), 35), (_model("claude-opus-5"), 20)),
        prompt_tokens=5200,
        growth_tokens=1900,
        completion_tokens=1500,
        expected_loops=4,
        task_tier="complex",
        outcome_type="document",
        value_cents=1200,
        traces_one_in=4,
    ),
    Workflow(
        name="rag_assistant",
        team="search",
        feature="knowledge",
        calls_share=160,
        loops=(2, 2, 2, 2, 2, 2, 3, 4),
        models=(
            (_model("gemini-2.5-flash"), 45),
            (_model("gpt-4.1-mini-2025-04-14"), 30),
            (_model("us.amazon.nova-pro-v1:0"), 25),
        ),
        prompt_tokens=3400,
        growth_tokens=700,
        completion_tokens=340,
        expected_loops=2,
        task_tier="standard",
        outcome_type="interaction",
        first_models=(_model("text-embedding-3-small"), _model("gemini-embedding-001")),
        value_cents=60,
    ),
    Workflow(
        name="code_review",
        team="developer_experience",
        feature="developer_tools",
        calls_share=90,
        loops=(3, 4, 5, 6, 6, 7, 8, 8, 9, 10, 12, 21),
        models=((_model("claude-sonnet-4-5-20250929"), 60), (_model("o4-mini-2025-04-16"), 40)),
        prompt_tokens=4300,
        growth_tokens=1400,
        completion_tokens=420,
        expected_loops=8,
        task_tier="complex",
        outcome_type="task",
        is_internal=True,
        environment_weights=(20, 20, 60),
    ),
    Workflow(
        name="classification",
        team="support_engineering",
        feature="helpdesk",
        calls_share=160,
        loops=(1,),
        models=(
            (_model("amazon.nova-lite-v1:0"), 45),
            (_model("gpt-5-mini-2025-08-07"), 30),
            (_model("claude-haiku-4-5-20251001"), 25),
        ),
        prompt_tokens=720,
        growth_tokens=0,
        completion_tokens=24,
        expected_loops=1,
        task_tier="simple",
        outcome_type="decision",
        value_cents=4,
    ),
    Workflow(
        name="search",
        team="search",
        feature="knowledge",
        calls_share=110,
        loops=(1, 1, 1, 1, 1, 1, 1, 2),
        models=((UNPRICED_MODEL, 1),),
        prompt_tokens=900,
        growth_tokens=0,
        completion_tokens=12,
        expected_loops=1,
        task_tier="simple",
        outcome_type="transaction",
        first_models=(_model("text-embedding-3-small"), _model("gemini-embedding-001")),
        value_cents=2,
    ),
    Workflow(
        name="translation",
        team="localisation",
        feature="localisation",
        calls_share=70,
        loops=(1,),
        models=((_model("gemini-2.5-flash"), 60), (_model("amazon.nova-lite-v1:0"), 40)),
        prompt_tokens=1300,
        growth_tokens=0,
        completion_tokens=900,
        expected_loops=1,
        task_tier="standard",
        outcome_type="task",
        value_cents=35,
    ),
    Workflow(
        name="evaluation",
        team="ml_platform",
        feature="developer_tools",
        calls_share=40,
        loops=(1, 1, 2),
        models=((_model("o4-mini-2025-04-16"), 50), (_model("gpt-5-mini-2025-08-07"), 50)),
        prompt_tokens=1800,
        growth_tokens=500,
        completion_tokens=160,
        expected_loops=2,
        task_tier="standard",
        outcome_type=None,
        is_internal=True,
        environment_weights=(0, 70, 30),
    ),
    # What does not go through the gateway.
    Workflow(
        name="meeting_notes",
        team="ml_platform",
        feature="developer_tools",
        calls_share=12,
        loops=(1, 2, 2, 3),
        models=((_model("gpt-4.1-mini-2025-04-14"), 1),),
        prompt_tokens=2200,
        growth_tokens=400,
        completion_tokens=260,
        expected_loops=2,
        task_tier="standard",
        outcome_type=None,
        is_internal=True,
        environment_weights=(1, 0, 0),
        log="otel",
        traces_one_in=1,
    ),
    Workflow(
        name="proposal_writer",
        team="documents",
        feature="drafting",
        calls_share=12,
        loops=(2, 3, 3, 4),
        models=((_model("claude-haiku-4-5-20251001"), 70), (_model("gpt-5-mini-2025-08-07"), 30)),
        prompt_tokens=3100,
        growth_tokens=900,
        completion_tokens=480,
        expected_loops=3,
        task_tier="standard",
        outcome_type="document",
        value_cents=900,
        environment_weights=(1, 0, 0),
        log="langfuse",
    ),
    Workflow(
        name="catalogue_tagging",
        team="localisation",
        feature="localisation",
        calls_share=12,
        loops=(1,),
        models=((_model("gemini-2.5-flash"), 1),),
        prompt_tokens=1500,
        growth_tokens=0,
        completion_tokens=40,
        expected_loops=1,
        task_tier="simple",
        outcome_type=None,
        is_internal=True,
        environment_weights=(1, 0, 0),
        log="llm_calls",
        service_tier="batch",
    ),
    Workflow(
        name="autocomplete",
        team="search",
        feature="knowledge",
        calls_share=12,
        loops=(1,),
        models=((_model("gpt-4.1-nano-2025-04-14"), 1),),
        prompt_tokens=300,
        growth_tokens=0,
        completion_tokens=12,
        expected_loops=1,
        task_tier="simple",
        outcome_type=None,
        environment_weights=(1, 0, 0),
        log="llm_calls",
        keeps_one_in=4,
    ),
    Workflow(
        name="notebook",
        team="ml_platform",
        feature="developer_tools",
        calls_share=8,
        loops=(1, 2, 5),
        models=((_model("gpt-4.1-2025-04-14"), 60), (_model("claude-opus-4-1-20250805"), 40)),
        prompt_tokens=2600,
        growth_tokens=700,
        completion_tokens=420,
        expected_loops=2,
        task_tier="standard",
        outcome_type=None,
        is_internal=True,
        environment_weights=(0, 0, 1),
        log=None,
    ),
    # What speaks, sees and draws.
    Workflow(
        name="phone_agent",
        team="support_engineering",
        feature="helpdesk",
        calls_share=7,
        loops=(2, 3, 4, 6),
        models=((_model("gemini-live-2.5-flash"), 1),),
        prompt_tokens=900,
        growth_tokens=250,
        completion_tokens=40,
        expected_loops=4,
        task_tier="standard",
        outcome_type=None,
        environment_weights=(1, 0, 0),
        log="llm_calls",
        media_tokens=(480, 258, 310, 0),
    ),
    Workflow(
        name="illustrator",
        team="documents",
        feature="drafting",
        calls_share=3,
        loops=(1,),
        models=((_model("gemini-2.5-flash-image"), 1),),
        prompt_tokens=180,
        growth_tokens=0,
        completion_tokens=20,
        expected_loops=1,
        task_tier="standard",
        outcome_type=None,
        environment_weights=(1, 0, 0),
        log="llm_calls",
        media_tokens=(0, 0, 0, 1290),
    ),
)
FEATURES = tuple(dict.fromkeys(workflow.feature for workflow in WORKFLOWS))


@dataclass(frozen=True)
class ApiKey:
    """A gateway key. The log holds the hash of the secret; `is_owned` says whether the company knows whose it is."""

    alias: str
    team: str | None
    product: str | None
    environment: str | None
    is_owned: bool = True

    @property
    def hash(self) -> str:
        return hashlib.sha256(f"sk-demo-{self.alias}".encode()).hexdigest()


# One key for each team and environment, in this order: key number = team number * 3 + environment number.
API_KEYS = (
    *(
        ApiKey(f"{team.replace('_', '-')}-{environment}", team, TEAM_PRODUCT[team], environment)
        for team in TEAMS
        for environment in ENVIRONMENTS
    ),
    ApiKey("old-notebook", None, None, None, is_owned=False),
)
ORPHAN_KEY = len(API_KEYS) - 1


@dataclass(frozen=True)
class Customer:
    """A buyer. `weight` is its part of the usage."""

    id: str
    name: str
    segment: str
    plan: str
    weight: int


_NAMES = (
    "Alderfinch Logistics",
    "Brindle & Moss",
    "Cobaltwood Insurance",
    "Dunmore Ferries",
    "Eastgrove Clinics",
    "Fennimore Foods",
    "Glasswing Travel",
    "Hollowbrook Press",
    "Ironlark Energy",
    "Juniper Vale Bank",
    "Kestrelford Motors",
    "Larkspur Homes",
    "Mossgate Hotels",
    "Nettlebay Shipping",
    "Oakenrill Dental",
    "Pinecrest Payroll",
    "Quillstone Legal",
    "Ravensmere Games",
    "Saltmarsh Textiles",
    "Thistledown Media",
    "Umberfield Farms",
    "Vellumworks",
    "Wrenhaven Schools",
    "Yarrowdale Parts",
    "Zephyrine Air",
    "Amberlock Security",
    "Birchwater Labs",
    "Cinderpath Fitness",
    "Driftmoor Marine",
    "Elmshade Retail",
    "Foxglove Beauty",
    "Greyharbour Freight",
    "Heathercombe Tea",
    "Inkwell Studios",
    "Jadewick Toys",
    "Kingsmallow Pets",
    "Lanternhill Events",
    "Mistralane Wines",
    "Northbeck Tools",
    "Orchardine Juice",
)


def _customer(rank: int, name: str) -> Customer:
    # Every third customer breaks the rule "large usage, large plan", so that some lose money.
    segment = ("enterprise", "mid_market", "smb")[min(2, rank // 9)] if rank % 3 else ("smb", "mid_market")[rank % 2]
    plan = {"enterprise": "enterprise", "mid_market": "growth", "smb": "starter"}[segment]
    if rank % 7 == 5:
        plan = "growth"
    return Customer(f"cust_{rank + 1:03d}", name, segment, plan, weight=100_000 // (10 + rank * (12 + rank // 2)))


CUSTOMERS = tuple(_customer(rank, name) for rank, name in enumerate(_NAMES))

# Large usage on a small flat plan: of the one the company means to lose money, of the other it does not.
HEAVY_USER, REFERENCE_CUSTOMER = CUSTOMERS[0].id, CUSTOMERS[6].id

# Made-up people of the internal workflows: their e-mail addresses stand in the log's `user` column.
_USERS = ("ada.voss", "bram.ekholm", "cleo.marsh", "dirk.ruiz", "edda.lund")
USERS = tuple(f"{name}@tallowmere.example" for name in _USERS)
