"""What the bench found, as one table and as figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from bench.measure import Measured

AIM_BUILD, AIM_MEMORY, AIM_DAY = 5, 4e9, 1.5


@dataclass
class Size:
    """All that was measured at one size; `nodes` and `day_nodes` are seconds of dbt's nodes by id."""

    calls: int
    ingest: Measured | None = None
    build: Measured | None = None
    publish: Measured | None = None
    floor: Measured | None = None
    day_ingest: Measured | None = None
    day_build: Measured | None = None
    day_publish: Measured | None = None
    day_floor: Measured | None = None
    nodes: dict[str, float] = field(default_factory=dict)
    day_nodes: dict[str, float] = field(default_factory=dict)

    @property
    def day(self) -> Measured:
        return self.day_ingest.then(self.day_build).then(self.day_publish)

    def figures(self) -> dict:
        return asdict(self)


def table(sizes: list[Size], day_calls: int) -> str:
    """One row a step and size, then the ratios that have an aim."""
    lines = [f"{'calls':>12}  {'step':<28} {'seconds':>9} {'cpu s':>9} {'peak GB':>8} {'to floor':>9}"]
    for size in sizes:
        lines += [
            _line(size.calls, "floor", size.floor, None),
            _line(size.calls, "full build and tests", size.build, size.floor),
            _line(size.calls, f"  of it models {_share(size.nodes):.0%}", None, None),
            _line(size.calls, "publish", size.publish, size.floor),
            _line(size.calls, "ingest", size.ingest, size.floor),
            _line(size.calls, "floor of one more day", size.day_floor, None),
            _line(size.calls, f"one more day ({day_calls:,} calls)", size.day, size.day_floor),
            _line(size.calls, "  ingest", size.day_ingest, size.day_floor),
            _line(size.calls, "  build and tests", size.day_build, size.day_floor),
            _line(size.calls, "  publish", size.day_publish, size.day_floor),
        ]
    small, large = sizes[0], sizes[-1]
    lines += ["", f"full build at {large.calls:,}: {_ratio(large.build, large.floor)} the floor (aim {AIM_BUILD}), "
              f"{large.build.peak / 1e9:.2f} GB (aim {AIM_MEMORY / 1e9:.0f})"]  # fmt: skip
    if small is not large:
        lines.append(
            f"one more day at {large.calls:,} of history: {_ratio(large.day, small.day)} the same day at "
            f"{small.calls:,} (aim {AIM_DAY}); its build alone {_ratio(large.day_build, small.day_build)}"
        )
    return "\n".join(lines)


def _line(calls: int, name: str, step: Measured | None, floor: Measured | None) -> str:
    figures = f"{step.seconds:9,.1f} {step.cpu_seconds:9,.1f} {step.peak / 1e9:8.2f}" if step else ""
    return f"{calls:>12,}  {name:<28} {figures} {_ratio(step, floor) if floor else '':>9}".rstrip()


def _ratio(one: Measured, other: Measured) -> str:
    return f"{one.seconds / other.seconds:.2f} x"


def _share(nodes: dict[str, float]) -> float:
    """The models' share of the time of all nodes, the tests being most of the rest."""
    return sum(seconds for node, seconds in nodes.items() if node.startswith("model.")) / sum(nodes.values())
