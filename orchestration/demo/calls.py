"""One day's traces and their calls, as arrays. All draws are integers from tables: every machine gets the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from statistics import NormalDist

import numpy as np

from orchestration.demo import prices
from orchestration.demo.company import CUSTOMERS, ENVIRONMENTS, GATEWAY, MEDIA, MODELS, TEAMS, TIERS, USERS, WORKFLOWS

DAY_US = 86_400_000_000
NO_CUSTOMER = NO_KEY = -1
ERRORS = (
    ("RateLimitError", "429"),
    ("Timeout", "408"),
    ("ServiceUnavailableError", "503"),
    ("ContextWindowExceededError", "400"),
    ("ContentPolicyViolationError", "400"),
    ("APIConnectionError", "499"),
)
CUT_OFF = len(ERRORS) - 1  # the caller went away in the middle of the answer
_EPOCH = date(1970, 1, 1).toordinal()
_TABLE = 1024
_WEEKDAYS = (1110, 1150, 1160, 1140, 1060, 690, 690)  # Monday first, per 1000
_HOURS = (14, 11, 9, 9, 11, 16, 28, 48, 72, 88, 92, 88, 78, 84, 88, 84, 76, 64, 50, 40, 34, 28, 22, 18)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


@dataclass
class Calls:
    """Calls as parallel arrays of one length.

    `workflow`, `model`, `key` … are positions in the company's lists; `error`, `customer`, `user` and `key` are -1 for
    none, `retry_of` is empty for none; `cost` is in picodollars, -1 where the model has no price. The six input
    classes, `completion` and the two of MEDIA that are output are disjoint.
    """

    id: np.ndarray  # S32, hex
    session: np.ndarray  # S32, hex
    trace: np.ndarray  # number of the trace within its day
    step: np.ndarray
    start_us: np.ndarray  # microseconds since 1970 UTC
    duration_ms: np.ndarray
    first_token_ms: np.ndarray
    workflow: np.ndarray
    model: np.ndarray
    environment: np.ndarray
    key: np.ndarray
    customer: np.ndarray
    user: np.ndarray
    prompt_version: np.ndarray
    is_tagged: np.ndarray
    has_content: np.ndarray
    error: np.ndarray
    retry_of: np.ndarray  # S32, hex
    input_uncached: np.ndarray
    cache_read: np.ndarray
    cache_write_5m: np.ndarray
    cache_write_1h: np.ndarray
    completion: np.ndarray  # text with reasoning, as LiteLLM counts it
    reasoning: np.ndarray
    audio_input: np.ndarray
    image_input: np.ndarray
    audio_output: np.ndarray
    image_output: np.ndarray
    cost: np.ndarray

    def __len__(self) -> int:
        return len(self.id)

    @property
    def prompt(self) -> np.ndarray:
        """All input tokens, caches included, as LiteLLM counts them."""
        caches = self.cache_read + self.cache_write_5m + self.cache_write_1h
        return self.input_uncached + caches + self.audio_input + self.image_input

    @property
    def event_day(self) -> np.ndarray:
        """Days since 1970-01-01 (UTC) of each call's start."""
        return self.start_us // DAY_US

    @property
    def is_failure(self) -> np.ndarray:
        return self.error >= 0

    def classes(self) -> dict[str, np.ndarray]:
        """The priced token classes; `output` holds reasoning, which these models charge alike."""
        return {
            "input_uncached": self.input_uncached,
            "cache_read": self.cache_read,
            "cache_write_5m": self.cache_write_5m,
            "cache_write_1h": self.cache_write_1h,
            "output": self.completion,
            **{name: getattr(self, name) for name in MEDIA},
        }

    def logged_in(self, source: str | None) -> np.ndarray:
        """Whether the application that called writes its calls to `source`."""
        return np.array([w.log == source for w in WORKFLOWS])[self.workflow]

    @property
    def is_traced(self) -> np.ndarray:
        """Whether tracing sees the call, failed or not: in production, and chosen by the trace where only some are."""
        one_in = np.array([w.traces_one_in for w in WORKFLOWS])[self.workflow]
        rows = np.flatnonzero((one_in > 0) & (self.environment == 0))
        result = np.zeros(len(self), dtype=bool)
        result[rows] = is_one_in(one_in[rows], self.session[rows])
        return result

    def class_costs(self) -> dict[str, np.ndarray]:
        """Picodollars by class; 0 where the model has no price."""
        tier = np.array([TIERS.index(w.service_tier) for w in WORKFLOWS])[self.workflow]
        return prices.class_costs(self.model, tier, self.event_day, self.prompt, self.classes())

    def priced(self) -> Calls:
        """The same calls with their cost computed anew."""
        is_priced = np.array([m.is_priced for m in MODELS])[self.model]
        return replace(self, cost=np.where(is_priced, sum(self.class_costs().values()), -1))

    def plain_cost(self) -> np.ndarray:
        """Picodollars of each call if it were neither in a batch nor cached; 0 where the model has no price."""
        tokens = self.classes()
        for name in ("cache_read", "cache_write_5m", "cache_write_1h"):
            tokens["input_uncached"] = tokens["input_uncached"] + tokens[name]
            tokens[name] = np.zeros_like(tokens[name])
        standard = np.zeros(len(self), dtype=np.int64)
        return sum(prices.class_costs(self.model, standard, self.event_day, self.prompt, tokens).values())

    def take(self, rows: np.ndarray) -> Calls:
        """The calls that `rows` (positions or a mask) choose, in that order."""
        return Calls(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def in_order(self) -> Calls:
        """By start, ties by id."""
        return self.take(np.lexsort((self.id, self.start_us)))


def concat(parts: Sequence[Calls]) -> Calls:
    """All parts' calls, one after the other."""
    return Calls(**{field.name: np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(Calls)})


def random_ids(rng: np.random.Generator, count: int) -> np.ndarray:
    """`count` random ids of 32 hex digits."""
    return np.frombuffer(rng.bytes(16 * count).hex().encode(), dtype="S32")


def is_one_in(many: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Whether each of the hex `names` is the one in `many` that is kept."""
    return np.array([int(name[:8], 16) for name in names.tolist()], dtype=np.int64) % many == 0


def growth_per_mille(day: date) -> int:
    """How busy `day` is against the mean: a growing company with weekends."""
    trend = min(1800, max(400, 1000 + 4 * (day.toordinal() - date(2026, 9, 16).toordinal())))
    return trend * _WEEKDAYS[day.weekday()] // 1000


@cache
def _spread(sigma_per_cent: int) -> np.ndarray:
    """A log-normal spread around its median, as 1024ths: equally likely values."""
    normal = NormalDist()
    return np.array(
        [round(1024 * math.exp(sigma_per_cent / 100 * normal.inv_cdf((i + 0.5) / _TABLE))) for i in range(_TABLE)],
        dtype=np.int64,
    )


@cache
def _weighted(weights: tuple[int, ...]) -> np.ndarray:
    """Positions of `weights`, each as often as it weighs, as a table to draw from."""
    bounds = np.cumsum(weights)
    return np.searchsorted(bounds, np.arange(int(bounds[-1])), side="right")


def _draw(rng: np.random.Generator, table: np.ndarray, count: int) -> np.ndarray:
    return table[rng.integers(0, len(table), count)]


def _scaled(rng: np.random.Generator, median: np.ndarray | int, sigma: int, count: int) -> np.ndarray:
    return median * _draw(rng, _spread(sigma), count) >> 10


def make_day(seed: int, day: date, calls_per_day: int) -> Calls:
    """The calls of the traces that start on `day`, before anything hard is planted; in order, priced.

    A function of its arguments only: other days do not change it.
    """
    rng = np.random.default_rng([seed, day.toordinal()])
    target = calls_per_day * growth_per_mille(day)
    parts, first_trace = [], 0
    for number, workflow in enumerate(WORKFLOWS):
        mean_loops = sum(workflow.loops) / len(workflow.loops)
        wanted = target * workflow.calls_share / 1_000_000 / mean_loops
        traces = int(wanted) + int(rng.integers(0, 1000) < 1000 * (wanted % 1))
        if traces:
            parts.append(_workflow_calls(rng, number, day, traces, first_trace))
            first_trace += traces
    calls = concat(parts) if parts else _workflow_calls(rng, 0, day, 1, 0)
    return calls.in_order().priced()


def _workflow_calls(rng: np.random.Generator, number: int, day: date, traces: int, first_trace: int) -> Calls:
    """The calls of `traces` runs of one workflow: a row a loop, the context growing from loop to loop."""
    workflow = WORKFLOWS[number]
    loops = _draw(rng, np.array(workflow.loops), traces)
    trace = np.repeat(np.arange(traces), loops)
    count = len(trace)
    step = np.arange(count) - np.repeat(np.cumsum(loops) - loops, loops)

    # What one trace keeps from its first call to its last.
    environment = _draw(rng, _weighted(workflow.environment_weights), traces)
    customer = _draw(rng, _weighted(tuple(customer.weight for customer in CUSTOMERS)), traces)
    if workflow.is_internal:
        customer[:] = NO_CUSTOMER
    customer[environment > 0] = NO_CUSTOMER  # nobody's customers are on staging
    key = TEAMS.index(workflow.team) * len(ENVIRONMENTS) + environment
    if workflow.log != GATEWAY:
        key[:] = NO_KEY
    user = rng.integers(0, len(USERS), traces) if workflow.is_internal else np.full(traces, -1)
    numbers = np.array([model for model, _ in workflow.models])
    chosen = numbers[_draw(rng, _weighted(tuple(weight for _, weight in workflow.models)), traces)]
    prompt_version = 1 + (rng.integers(0, 100, traces) < 15) + (day >= date(2026, 9, 14))
    size = _draw(rng, _spread(55), traces)
    is_caching = rng.integers(0, 100, traces) < 70
    keeps_hour = rng.integers(0, 100, traces) < 20
    session = random_ids(rng, traces)

    model = chosen[trace]
    if workflow.first_models:
        firsts = np.array(workflow.first_models)[rng.integers(0, len(workflow.first_models), traces)]
        model = np.where(step == 0, firsts[trace], model)
    is_embedding = np.array([m.is_embedding for m in MODELS])[model]
    reasoning_share = np.array([m.reasoning_share for m in MODELS])[model]
    speed = np.array([m.tokens_per_second for m in MODELS])[model]

    system = (workflow.prompt_tokens * size >> 10)[trace]
    growth = _scaled(rng, workflow.growth_tokens, 25, traces)[trace]
    question = _scaled(rng, workflow.prompt_tokens // 6, 60, count)
    prompt = np.where(is_embedding, question // 3 + 8, system + question + step * growth)
    completion = np.where(is_embedding, 0, 1 + _scaled(rng, workflow.completion_tokens, 70, count))
    # Two thirds to four thirds of the model's usual share.
    reasoning = completion * (reasoning_share * rng.integers(683, 1366, count) >> 10) >> 10
    media = {
        name: _scaled(rng, median, 40, count) if median else np.zeros(count, dtype=np.int64)
        for name, median in zip(MEDIA, workflow.media_tokens, strict=True)
    }
    caches = _caches(model, step, prompt, system, growth, is_caching[trace] & ~is_embedding, keeps_hour[trace])

    first_token = 120 + _scaled(rng, 350, 50, count)
    duration = first_token + completion * 1000 // speed
    gap = np.where(step == 0, 0, _scaled(rng, 1800, 80, count))
    elapsed = np.cumsum(duration + gap) - duration
    offset = elapsed - np.repeat(elapsed[np.cumsum(loops) - loops], loops)
    length = np.bincount(trace, weights=duration + gap, minlength=traces).astype(np.int64)
    begin = _starts(rng, traces, length)
    start_us = day_number(day) * DAY_US + (begin[trace] + offset) * 1000 + rng.integers(0, 1000, count)

    return Calls(
        id=random_ids(rng, count),
        session=session[trace],
        trace=first_trace + trace,
        step=step,
        start_us=start_us,
        duration_ms=duration,
        first_token_ms=first_token,
        workflow=np.full(count, number),
        model=model,
        environment=environment[trace],
        key=key[trace],
        customer=customer[trace],
        user=user[trace],
        prompt_version=prompt_version[trace],
        is_tagged=np.ones(count, dtype=bool),
        has_content=np.zeros(count, dtype=bool),
        error=np.full(count, -1),
        retry_of=np.zeros(count, dtype="S32"),
        input_uncached=prompt - sum(caches),
        cache_read=caches[0],
        cache_write_5m=caches[1],
        cache_write_1h=caches[2],
        completion=completion,
        reasoning=reasoning,
        **media,
        cost=np.zeros(count, dtype=np.int64),
    )


def _starts(rng: np.random.Generator, traces: int, length_ms: np.ndarray) -> np.ndarray:
    """Milliseconds of the day at which each trace starts; it ends before midnight (planting may move it)."""
    hour = _draw(rng, _weighted(_HOURS), traces)
    start = hour * 3_600_000 + rng.integers(0, 3_600_000, traces)
    return np.maximum(0, np.minimum(start, 86_399_000 - length_ms))


def _caches(
    model: np.ndarray,
    step: np.ndarray,
    prompt: np.ndarray,
    system: np.ndarray,
    growth: np.ndarray,
    is_caching: np.ndarray,
    keeps_hour: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tokens read from cache, written for 5 minutes, written for an hour.

    Where writes are free a later loop reads what the loop before sent, in blocks of 128 tokens from 1,024 on. Where
    they are charged the first loop writes the system prompt; each later one reads the past and writes what was added.
    """
    kinds = np.array([m.caching for m in MODELS])[model]
    past = np.where(step > 0, system + (step - 1) * growth, 0)
    block = np.where(past >= 1024, np.minimum(past, prompt) // 128 * 128, 0)
    free_read = np.where((kinds == "read") & is_caching, block, 0)
    charges = (kinds == "write") & is_caching & (system >= 1024)
    charged_read = np.where(charges, np.minimum(past, prompt), 0)
    added = np.where(step == 0, np.minimum(system, prompt), np.minimum(growth, prompt - charged_read))
    write = np.where(charges, added, 0)
    zero = np.zeros_like(write)
    return free_read + charged_read, np.where(keeps_hour, zero, write), np.where(keeps_hour, write, zero)
