"""What is planted on some days only, so that its amount stands apart from that of every other cause."""

from __future__ import annotations

from typing import ClassVar

from orchestration.demo.scene import Plant, Scene


class SomeDays(Plant):
    """`part`: how many sixteenths of the period lie before its days."""

    part: ClassVar[int]
    length: ClassVar[int] = 1

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        first = len(scene.days) * self.part // 16
        self.days = scene.days[first : first + self.length]
