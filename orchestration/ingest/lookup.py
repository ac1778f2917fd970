"""All that is looked up in a JSON object, taken out of it at once: as the fields of one struct.

Looking up each place alone costs as much again for each, and a list of what was found twice as much to take apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

Place = tuple[str, ...]  # the keys from the outside in
TEXT, LIST = "VARCHAR", "JSON[]"


class Lookup:
    """`places`: where the texts lie. A place under another one is looked up in the other's text. `lists`: the keys that
    hold lists, of which all members are taken as JSON.

    DuckDB takes fields whose names differ in case alone for one: of such places, the first is held.
    """

    def __init__(self, places: Sequence[Place], lists: Sequence[str] = ()) -> None:
        self.tree: dict = {}
        self.held: set[Place] = set()
        for place in sorted(places, key=len):
            node = self.tree
            for depth, key in enumerate(place):
                if key.casefold() in {other.casefold() for other in node if other != key}:
                    break
                node = node.setdefault(key, {} if depth + 1 < len(place) else TEXT)
                if isinstance(node, str):
                    self.held.add(place)
                    break
        self.tree |= {key: LIST for key in lists}

    def __contains__(self, place: Place) -> bool:
        return place in self.held

    def taken(self, text: str) -> str:
        """All that is looked up in the JSON `text`, as a struct."""
        if not self.tree:
            return "null"
        structure = json.dumps(self.tree, ensure_ascii=False).replace(f'"{LIST}"', '["JSON"]')
        return f"json_transform({text}, {literal(structure)})"

    def text(self, struct: str, place: Place) -> str:
        """The text at a place that is held, in what was taken."""
        node, value = self.tree, struct
        for depth, key in enumerate(place):
            value = f"struct_extract_at({value}, {list(node).index(key) + 1})"
            node = node[key]
            if node == TEXT and depth + 1 < len(place):
                return f"try(json_extract_string({value}, {literal(path(*place[depth + 1 :]))}))"
        return value

    def texts(self, struct: str) -> list[str]:
        """All that was taken out."""
        return [self.text(struct, place) for place in _leaves(self.tree)]


def path(*keys: str) -> str:
    """A place as JSON's functions name it."""
    return "$." + ".".join(json.dumps(key, ensure_ascii=False) for key in keys)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _leaves(node: dict, above: Place = ()) -> Iterator[Place]:
    for key, inner in node.items():
        if isinstance(inner, str):
            yield (*above, key)
        else:
            yield from _leaves(inner, (*above, key))
