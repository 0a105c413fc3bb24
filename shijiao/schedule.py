"""When things run: one entry per periodic task, with a sentence why; and which function does which Job."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A dotted task, how often it runs, why, and its name on the operations page."""

    task: str
    every: datetime.timedelta
    why: str
    title: str = ""


SCHEDULE: dict[str, Entry] = {
    "work": Entry("core.work.sweep", datetime.timedelta(seconds=1), "picks up work rows nobody has finished", "任务清扫"),
    "occurrences": Entry(
        "duties.tasks.make_occurrences", datetime.timedelta(minutes=15), "periodic duties are dated rows, made ahead", "生成任务期次"
    ),
    "missed": Entry(
        "duties.tasks.mark_missed", datetime.timedelta(minutes=1), "a window that ended undone is missed, and stays so", "记录漏做"
    ),
    "seals": Entry(
        "core.seals.seal_new", datetime.timedelta(minutes=1), "what was recorded is sealed before anybody can change it", "封存事件"
    ),
    "seals_all": Entry(
        "core.seals.seal_all", datetime.timedelta(hours=1), "a very late commit is sealed too, however old its id", "补封事件"
    ),
    "orphans": Entry("core.tasks.drop_stale_uploads", datetime.timedelta(hours=1), "photos never attached do not stay", "清理未用照片"),
    "results": Entry(
        "core.tasks.drop_old_results", datetime.timedelta(hours=6), "exports hold personal data and do not stay", "清理导出文件"
    ),
    "verify_tries": Entry(
        "documents.tasks.drop_old_tries", datetime.timedelta(hours=6), "missed checks count for minutes only", "清理查验记录"
    ),
    "sessions": Entry(
        "accounts.tasks.drop_old_sign_ins",
        datetime.timedelta(hours=6),
        "ended sessions, sign-in rows and failed tries do not stay",
        "清理登录记录",
    ),
    "publications": Entry(
        "documents.tasks.expire_publications", datetime.timedelta(minutes=10), "what is past its last day is no longer public", "公示到期"
    ),
    "notices_morning": Entry(
        "notices.tasks.tell_morning", datetime.timedelta(minutes=20), "each person's list of the day, from 5:00 on", "每日清单"
    ),
    "notices_duties": Entry(
        "notices.tasks.tell_duties", datetime.timedelta(minutes=2), "duties near their end, missed, and climbing", "任务提醒"
    ),
    "notices_hazards": Entry(
        "hazards.tasks.tell_deadlines", datetime.timedelta(minutes=10), "hazards near their day, due, and overdue", "隐患提醒"
    ),
    "notices_projects": Entry(
        "notices.tasks.tell_projects",
        datetime.timedelta(minutes=30),
        "the district is informed of approved projects in time",
        "项目告知提醒",
    ),
    "recheck_due": Entry(
        "hazards.tasks.recheck_where_due",
        datetime.timedelta(minutes=30),
        "a major hazard past its day is re-checked all the same",
        "到期转复查",
    ),
    "notices_inspections": Entry(
        "inspections.tasks.tell_deadlines",
        datetime.timedelta(minutes=10),
        "orders, re-checks and reports near their day, due, and overdue",
        "检查提醒",
    ),
    "announced": Entry(
        "inspections.tasks.follow_announced",
        datetime.timedelta(minutes=30),
        "a paper that was announced serves when its period is over",
        "公告送达期满",
    ),
    "orders_due": Entry(
        "inspections.tasks.fall_due",
        datetime.timedelta(minutes=30),
        "an order past its day is re-checked all the same",
        "指令到期转复查",
    ),
    "results_owed": Entry(
        "inspections.tasks.owe_results",
        datetime.timedelta(minutes=30),
        "a closed visit's result is owed from the day its period can start",
        "检查结果公示期限",
    ),
    "pools": Entry(
        "inspections.tasks.refresh_pools",
        datetime.timedelta(hours=6),
        "whom a draw may fall on follows the enterprise files and the certificates",
        "更新抽查名单库",
    ),
    "notices_outside": Entry(
        "notices.tasks.pack", datetime.timedelta(seconds=20), "urgent notices go out at once, all others once a day", "消息外发"
    ),
    "notices_failed": Entry(
        "notices.tasks.report_parked", datetime.timedelta(minutes=1), "a message given up is told to somebody else", "外发失败告知"
    ),
}

JOB_HANDLERS: dict[str, str] = {
    "mail_code": "accounts.mail.send_code",
    "list_export": "core.tasks.export_list",
    "hazard_notices": "hazards.papers.issue_notices",
    "paper_batch": "documents.batch.pack",
    "roster_review": "enterprises.roster.work.review",
    "roster_apply": "enterprises.roster.work.apply",
    "roster_undo": "enterprises.roster.work.undo",
    "carry_apply": "inspections.carry.work.apply",
    "draw_freeze": "inspections.draw_work.freeze",
    "draw_draw": "inspections.draw_work.draw",
    "draw_issue_tasks": "inspections.draw_work.issue_tasks",
}
