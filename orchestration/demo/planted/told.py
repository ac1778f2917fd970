"""Hard things in how the logs tell of what happened."""

from __future__ import annotations

import gzip
import shutil
from datetime import date, timedelta

import numpy as np

from orchestration.demo.calls import CUT_OFF, NO_CUSTOMER, Calls, concat, day_number, is_one_in
from orchestration.demo.company import GATEWAY, MODELS, ORPHAN_KEY, WORKFLOWS
from orchestration.demo.files.gateway_log import PRIVATE_MARKER
from orchestration.demo.files.spans import DEPRECATED
from orchestration.demo.planted.some_days import SomeDays
from orchestration.demo.scene import MOST_IDS, Delivery, Plant, Scene


def _of_customers(calls: Calls) -> np.ndarray:
    """Calls of workflows that serve customers, in production, through the gateway."""
    is_internal = np.array([w.is_internal for w in WORKFLOWS])
    return ~is_internal[calls.workflow] & (calls.environment == 0) & calls.logged_in(GATEWAY)


class MissingTags(Plant):
    id = "missing_tags"
    what = "traces whose gateway lines lack tags, team and customer: only the API key tells team, product, environment"

    def happen(self, day: date, calls: Calls) -> Calls:
        is_chosen = self.rng(day).integers(0, 1000, int(calls.trace.max()) + 1) < 30
        rows = is_chosen[calls.trace] & _of_customers(calls)
        calls.is_tagged[rows] = False
        calls.customer[rows] = NO_CUSTOMER
        return calls

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(~calls.is_tagged & (calls.key != ORPHAN_KEY)))


class OrphanKey(Plant):
    id = "orphan_key"
    what = "untagged traces of an API key that no config names: only a span, where there is one, tells whose they are"

    def happen(self, day: date, calls: Calls) -> Calls:
        is_chosen = self.rng(day).integers(0, 1000, int(calls.trace.max()) + 1) < 12
        rows = is_chosen[calls.trace] & _of_customers(calls)
        calls.is_tagged[rows] = False
        calls.customer[rows] = NO_CUSTOMER
        calls.key[rows] = ORPHAN_KEY
        return calls

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(calls.key == ORPHAN_KEY))


class PrivateContent(Plant):
    id = "private_content"
    what = "prompts and answers stored in the logs, users' e-mail addresses in `user`, IP addresses: none may enter raw"

    def happen(self, day: date, calls: Calls) -> Calls:
        calls.has_content |= self.rng(day).integers(0, 1000, len(calls)) < 5
        if day == self.scene.days[0]:  # also where the company is small, each log holds some
            _, firsts = np.unique([w.log or "" for w in WORKFLOWS], return_inverse=True)
            calls.has_content[np.unique(firsts[calls.workflow], return_index=True)[1]] = True
        return calls

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(calls.has_content))
        self.amounts["marker"] = PRIVATE_MARKER


class LateFile(Plant):
    id = "late_file"
    what = "calls of an early day that land in a file dated a week later"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.day = scene.days[min(9, len(scene.days) // 3)]

    def log(self, day: date, source: str, lines: Calls) -> Calls:
        if day != self.day or source != GATEWAY:
            return lines
        is_late = (np.arange(len(lines)) % 6 == 3) & (lines.event_day == day_number(day))
        late = lines.take(is_late)
        self.note(late)
        path = self.scene.files[GATEWAY].write_lines(f"spend_logs_{day + timedelta(days=7)}_backfill", late)
        self.files.append(self.scene.relative(path))
        self.amounts["event_day"] = day.isoformat()
        return lines.take(~is_late)


class DuplicatedLines(Plant):
    id = "duplicated_lines"
    what = "log lines written twice, with the same request_id and content: in the same file, or in the next day's file"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.carried: Calls | None = None

    def log(self, day: date, source: str, lines: Calls) -> Calls:
        if source != GATEWAY:
            return lines
        draw = self.rng(day).integers(0, 1000, len(lines))
        here = lines.take(draw < 4)
        parts = [lines, here]
        self.count({"rows": len(here), "in_same_file": len(here)})
        self.note(here)
        if self.carried is not None:
            parts.append(self.carried)
            self.count({"rows": len(self.carried), "in_next_file": len(self.carried)})
            self.note(self.carried)
        is_next = (draw >= 4) & (draw < 6) & (lines.event_day == day_number(day))
        self.carried = lines.take(is_next) if is_next.any() else None
        self.scene.files[GATEWAY].rows_left_out += sum(map(len, parts[1:]))
        return concat(parts).in_order()

    def answer(self) -> dict:
        return {**super().answer(), "note": "amounts hold what counting the repeated rows again would add"}


class RedeliveredFiles(Plant):
    id = "redelivered_files"
    what = "files that land again: byte for byte under another name, and (JSON lines) as gzip of the same content"

    def land(self) -> None:
        days, log = self.scene.days, self.scene.files[GATEWAY]
        source = log.path(days[len(days) // 2])
        copy = source.parent / "resent" / f"{source.stem} (1){source.suffix}"
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, copy)
        self.files += [self.scene.relative(copy)]
        if self.scene.file_format == "jsonl":
            source = log.path(days[len(days) // 4])
            zipped = source.with_name(f"{source.stem}_resent{source.suffix}.gz")
            with source.open("rb") as plain, zipped.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, 0) as packed:
                shutil.copyfileobj(plain, packed)
            self.files += [self.scene.relative(zipped)]
        self.amounts["files"] = len(self.files)


class _NotLogged(Plant):
    """Calls that no log has; `models` holds which models they asked, with the day."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.models: set[tuple[int, int]] = set()

    def without(self, calls: Calls, is_gone: np.ndarray) -> Calls:
        gone = calls.take(is_gone)
        self.models |= set(zip(gone.model.tolist(), gone.event_day.tolist(), strict=True))
        self.note(gone)
        self.differ_by("missing_log", gone)
        return calls.take(~is_gone)


class BypassingKey(_NotLogged):
    id = "bypassing_key"
    what = "calls with a vendor's own key, past the gateway: no log has them, only the vendor's reports and bills do"

    def know(self, day: date, calls: Calls) -> Calls:
        return self.without(calls, calls.logged_in(None))


class SampledLog(_NotLogged):
    id = "sampled_log"
    what = "a service whose log keeps one call in four and says so in sample_rate; the vendor reports all of them"

    def know(self, day: date, calls: Calls) -> Calls:
        keeps = np.array([w.keeps_one_in for w in WORKFLOWS])[calls.workflow]
        rows = np.flatnonzero(keeps > 1)
        is_gone = np.zeros(len(calls), dtype=bool)
        is_gone[rows] = ~is_one_in(keeps[rows], calls.id[rows])
        kept = calls.take((keeps > 1) & ~is_gone)
        tokens, times = kept.prompt + kept.completion, keeps[(keeps > 1) & ~is_gone]
        self.count({"kept_calls": len(kept), "kept_tokens": tokens.sum()})
        self.count({"estimated_calls": times.sum(), "estimated_tokens": (tokens * times).sum()})
        return self.without(calls, is_gone)

    def answer(self) -> dict:
        return {**super().answer(), "note": "calls, tokens and cost are those that the log leaves out"}


class AbortedStreams(Plant):
    id = "aborted_streams"
    what = "answers that the caller did not wait for: the gateway logs a failure without tokens, the vendor bills them"
    providers = ("openai", "anthropic")

    def know(self, day: date, calls: Calls) -> Calls:
        is_billed = np.array([m.provider in self.providers for m in MODELS])[calls.model]
        is_its = is_billed & calls.logged_in(GATEWAY) & ~calls.is_traced & ~calls.is_failure & (calls.completion > 0)
        # Days on which another cause is planted have this one not.
        others = [day_number(d) for plant in self.scene.plants if isinstance(plant, SomeDays) for d in plant.days]
        is_its &= ~np.isin(calls.event_day, others) & (calls.event_day == day_number(day))
        rows = np.flatnonzero(is_its & (self.rng(day).integers(0, 1000, len(calls)) < 6))
        rows = rows[self._can_be_told(calls, rows)]
        self.note(calls.take(rows))
        self.differ_by("aborted_call", calls.take(rows))
        self.count({f"calls_{p}": (_provider(calls.take(rows)) == p).sum() for p in self.providers})
        known = calls.take(np.arange(len(calls)))
        known.error[rows] = CUT_OFF
        for sums in (*known.classes().values(), known.reasoning, known.cost):
            sums[rows] = 0
        return known

    def _can_be_told(self, calls: Calls, rows: np.ndarray) -> np.ndarray:
        """Whether what a call used can be told from the vendor's reports: no other call of its model and day is in no
        log, and it is not many times as large as those that are.
        """
        not_logged = {at for plant in self.scene.plants if isinstance(plant, _NotLogged) for at in plant.models}
        told = np.zeros(len(rows), dtype=bool)
        for number, row in enumerate(rows):
            others = np.flatnonzero((calls.model == calls.model[row]) & (calls.event_day == calls.event_day[row]))
            others = np.setdiff1d(others, rows)
            is_alike = all(tokens[row] * len(others) <= 5 * tokens[others].sum() for tokens in calls.classes().values())
            is_alone = (int(calls.model[row]), int(calls.event_day[row])) not in not_logged
            told[number] = is_alone and is_alike and len(others) > 0
        return told


def _provider(calls: Calls) -> np.ndarray:
    return np.array([m.provider for m in MODELS])[calls.model]


class WrappingSpans(Plant):
    id = "wrapping_spans"
    what = "spans of agents, and generations around others, that repeat the tokens of the calls below them"

    def log(self, day: date, source: str, lines: Calls) -> Calls:
        if source in ("otel", "langfuse"):
            below = lines.take(~lines.is_failure)
            tokens = (below.prompt + below.completion).sum()
            self.count({f"{source}_wrappers": len(np.unique(below.trace)), f"{source}_repeated_tokens": tokens})
        return lines


class DeprecatedNames(Plant):
    id = "deprecated_names"
    what = "spans of an old library: gen_ai.system, gen_ai.usage.prompt_tokens, whole numbers that are not quoted"

    def see(self, day: date, calls: Calls) -> None:
        self.note(calls.take(np.array([w.name in DEPRECATED for w in WORKFLOWS])[calls.workflow]))


class DisagreeingRecords(Plant):
    id = "disagreeing_records"
    what = "calls of which a span tells half the output that the gateway logged: the fuller record counts"

    def log(self, day: date, source: str, lines: Calls) -> Calls:
        if source != "otel":
            return lines
        is_its = lines.logged_in(GATEWAY) & ~lines.is_failure & (lines.completion > 1)
        rows = np.flatnonzero(is_its & (self.rng(day).integers(0, 1000, len(lines)) < 8))
        told = lines.take(np.arange(len(lines)))
        told.completion[rows] //= 2
        told.reasoning[rows] = np.minimum(told.reasoning[rows], told.completion[rows])
        self.count({"calls": len(rows), "output_tokens_not_told": (lines.completion - told.completion).sum()})
        self.ids += [f"chatcmpl-{name.decode()}" for name in lines.id[rows]][: MOST_IDS - len(self.ids)]
        return told


class DuplicateVersions(Plant):
    id = "duplicate_versions"
    what = "observations that were exported while they ran, without usage, and again when they had ended"

    def deliver(self, delivery: Delivery) -> None:
        if delivery.source != "langfuse":
            return
        for trace in delivery.records[::5]:
            last = trace["observations"][-1]
            left_out = ("endTime", "output", "usageDetails", "totalCost")
            running = {name: value for name, value in last.items() if name not in left_out}
            trace["observations"].insert(0, running | {"updatedAt": last["startTime"]})
            self.count({"observations": 1})
            self.scene.files["langfuse"].rows_left_out += 1
        self.files.append(delivery.path)


class ConflictingRows(Plant):
    id = "conflicting_rows"
    what = "a job that writes a call before it is answered and again after, with other tokens: the later row counts"

    def deliver(self, delivery: Delivery) -> None:
        if not delivery.path.startswith("llm_calls/catalogue_tagging"):
            return
        for row in delivery.records[::20]:
            early = row | {"ended_at": row["called_at"], "output_tokens": 1, "reasoning_tokens": 0}
            delivery.records.insert(delivery.records.index(row), early)
            self.count({"rows": 1})
            self.scene.files["llm_calls"].rows_left_out += 1
        self.files.append(delivery.path)


class CorrectedEfforts(Plant):
    id = "corrected_efforts"
    what = "minutes that were written down wrong first and corrected in a later row of the same effort"

    def deliver(self, delivery: Delivery) -> None:
        if delivery.source != "human_effort":
            return
        for effort in delivery.records[::10]:
            delivery.records.insert(
                delivery.records.index(effort), effort | {"minutes": round(effort["minutes"] + 60, 2)}
            )
            self.count({"rows": 1, "minutes_left_out": 60})
            self.scene.files["human_effort"].rows_left_out += 1
        self.files.append(delivery.path)
