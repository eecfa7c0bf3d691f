"""A real sidecar over a real node, with a small pantry of entities, for tests of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sidecars import Sidecar, loaded

from plugin.engine import Running

HOSTILE = "Lemon <img src=x onerror=\"document.title='broken in'\"> cake"

_DISHES = ("soup", "salad", "stew", "pie", "curry", "cake", "bread", "noodles")
_COOKS = ("Ada Ladle", "Bruno Whisk", "Chen Skillet")
_PLANTS = ("lemon", "carrot", "leek", "beetroot")


def pantry() -> list[dict[str, object]]:
    """Recipes of cooks, the cooks themselves, and one entity whose name is hostile."""
    recipes = [
        {
            "id": f"recipe-{plant}-{dish}",
            "type": "recipe",
            "name": f"{plant.title()} {dish}",
            "by": [_COOKS[(row + column) % 3]],
            "categories": ["vegetarian", dish],
            "attributes": ["quick"] if column % 2 else ["slow", "winter"],
            "popularity": 1 + row + 4 * column,
        }
        for row, plant in enumerate(_PLANTS)
        for column, dish in enumerate(_DISHES)
    ]
    cooks = [
        {
            "id": f"cook-{name.split()[0].lower()}",
            "type": "cook",
            "name": name,
            "text": "Cooks lemon things, vegetarian, quick or slow.",
            "popularity": 20,
        }
        for name in _COOKS
    ]
    hostile = {"id": "hostile", "type": "recipe", "name": HOSTILE, "by": ["<script>x</script>"]}
    return [*recipes, *cooks, hostile]


@contextmanager
def serving(node: Running, folder: Path) -> Iterator[Sidecar]:
    """Assets applied, the pantry loaded, a sidecar ready, in a namespace of its own."""
    with loaded(node.url, folder, pantry(), LTRR_EXAMPLES="lemon;vegetarian quick") as sidecar:
        sidecar.start()
        yield sidecar
