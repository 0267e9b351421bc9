"""Grouping of connected shapes of ink into digits: parts of one digit lie beside, in or near each other."""

from dataclasses import dataclass

TALL = 0.4  # share of the larger height; a lower shape is no digit of its own
OVERLAP = (
    0.1  # share of the larger height, by which two digits side by side may overlap
)
GAP = (
    0.03  # share of the larger height: least distance of two digits one above the other
)
NEAR = 0.25  # share of a digit's extent, within which lower shapes belong to it


@dataclass(frozen=True)
class Shape:
    """Connected ink: its label, that of the fainter ink around it, its area in pixels, and its rows and columns, from start to stop."""

    label: int
    body: int
    area: int
    rows: tuple[int, int]
    columns: tuple[int, int]

    @property
    def height(self) -> int:
        return self.rows[1] - self.rows[0]

    @property
    def extent(self) -> int:
        return max(self.height, self.columns[1] - self.columns[0])

    def span(self, axis: int) -> tuple[int, int]:
        return (self.rows, self.columns)[axis]

    def at_frame(self, shape: tuple[int, ...]) -> bool:
        return any(
            self.span(axis)[0] == 0 or self.span(axis)[1] == length
            for axis, length in enumerate(shape)
        )

    def gap(self, other: "Shape", axis: int) -> int:
        """Pixels between two shapes along an axis, negative where they overlap."""
        (start, stop), (other_start, other_stop) = self.span(axis), other.span(axis)
        return max(start, other_start) - min(stop, other_stop)


def groups_of(shapes: list[Shape]) -> list[list[Shape]]:
    """Shapes by digit, the digit with the largest shape first; low shapes far from every digit are left out."""
    tallest = max(shape.height for shape in shapes)
    tall = [shape for shape in shapes if shape.height >= TALL * tallest]
    groups: list[list[Shape]] = []
    for shape in tall:
        touched = [
            group
            for group in groups
            if any(not _are_apart(shape, one) for one in group)
        ]
        groups = [group for group in groups if group not in touched]
        groups.append([shape, *(one for group in touched for one in group)])
    for shape in shapes:
        if shape.height < TALL * tallest:
            near = min(groups, key=lambda group: _distance(shape, group))
            if _distance(shape, near) <= NEAR * max(one.extent for one in near):
                near.append(shape)
    return sorted(groups, key=lambda group: -max(shape.area for shape in group))


def _are_apart(one: Shape, other: Shape) -> bool:
    """True for shapes that are two digits, side by side or one above the other, between which there is no faint ink."""
    height = max(one.height, other.height)
    gap = max(one.gap(other, 0), one.gap(other, 1))
    if one.body == other.body and gap <= NEAR * height:
        return False
    return one.gap(other, 1) > -OVERLAP * height or one.gap(other, 0) > GAP * height


def _distance(shape: Shape, group: list[Shape]) -> float:
    """Pixels between the box of a shape and the nearest box of a group."""
    return min(
        max(shape.gap(one, 0), shape.gap(one, 1), 0)
        for one in group
        if one is not shape
    )


def in_reading_order(groups: list[list[Shape]]) -> list[list[Shape]]:
    """Groups line by line, and from left to right in a line: a group whose middle lies below all of a line begins the next."""
    lines: list[list[list[Shape]]] = []
    for group in sorted(groups, key=_middle):
        bottom = max((_bottom(one) for one in lines[-1]), default=0) if lines else 0
        if lines and _middle(group) < bottom:
            lines[-1].append(group)
        else:
            lines.append([group])
    return [
        group
        for line in lines
        for group in sorted(line, key=lambda one: min(s.columns[0] for s in one))
    ]


def _middle(group: list[Shape]) -> float:
    return (min(shape.rows[0] for shape in group) + _bottom(group)) / 2


def _bottom(group: list[Shape]) -> int:
    return max(shape.rows[1] for shape in group)
