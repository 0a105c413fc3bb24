"""What must happen above when something moves below, in the same transaction.

(model label, move) → dotted functions taking (row, event).
"""

REACTIONS: dict[tuple[str, str], tuple[str, ...]] = {}
