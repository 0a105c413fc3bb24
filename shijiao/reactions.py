"""What must happen above when something moves below, in the same transaction.

(model label, move) → dotted functions taking (row, event).
"""

REACTIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("enterprises.Enterprise", "stop"): ("duties.making.follow",),
    ("enterprises.Enterprise", "resume"): ("duties.making.follow",),
    ("enterprises.Enterprise", "close_unit"): ("duties.making.follow",),
    ("enterprises.Enterprise", "change_status"): ("duties.making.follow",),
    ("duties.DutyPlan", "begin"): ("duties.making.follow_plan",),
    ("duties.DutyPlan", "end"): ("duties.making.follow_plan",),
    ("duties.DutyPlan", "assign"): ("duties.making.follow_person",),
}
