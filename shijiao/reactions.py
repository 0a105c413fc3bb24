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
    ("duties.Occurrence", "complete"): ("notices.duty_rules.settled",),
    ("duties.Occurrence", "complete_late"): ("notices.duty_rules.settled",),
    ("duties.Occurrence", "exempt"): ("notices.duty_rules.settled",),
    ("duties.Occurrence", "take_up"): ("notices.duty_rules.settled",),
    ("hazards.Hazard", "submit_fix"): ("hazards.reminders.fixed",),
    ("hazards.Hazard", "assign"): ("hazards.reminders.assigned",),
    ("hazards.Hazard", "reassign"): ("hazards.reminders.assigned",),
    ("hazards.Hazard", "return_fix"): ("hazards.reminders.returned",),
    ("hazards.Hazard", "accept_fix"): ("hazards.reminders.accepted",),
    ("hazards.Hazard", "ask_extension"): ("hazards.reminders.extension_asked",),
    ("hazards.Hazard", "grant_extension"): ("hazards.reminders.extension_answered",),
    ("hazards.Hazard", "refuse_extension"): ("hazards.reminders.extension_answered",),
}
