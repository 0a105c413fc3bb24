"""Pages of construction projects (三同时): the area's list, the tab of a file, one project with its stages, its moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from core.models import Attachment
from core.views import MoveView, ScopedDetail, ScopedList
from enterprises.filters_projects import ProjectFilter
from enterprises.forms.projects import ProjectForm
from enterprises.models import Enterprise, Project, ProjectPaper, ProjectRequirement
from enterprises.models.project_machine import REGISTRARS, STAGES
from enterprises.views.base import READERS, FileMixin, PartCreate


class ProjectList(ScopedList):
    """Projects of one's scope, the newest first."""

    model = Project
    roles = READERS
    title = "建设项目(三同时)"
    filterset_class = ProjectFilter
    template_name = "enterprises/project_list.html"
    empty_text = "没有符合条件的建设项目。"
    empty_hint = "新建、改建、扩建项目由批准的部门或执法人员在企业档案的“三同时”里登记。"
    columns = (
        ("项目名称", lambda p: p.name),
        ("企业", lambda p: p.enterprise.name),
        ("性质", lambda p: p.get_kind_display()),
        ("金属冶炼或危险物品", lambda p: "是" if p.is_special else ""),
        ("投资", lambda p: p.investment),
        ("阶段", lambda p: p.state_label),
        ("停建或取消前的阶段", lambda p: p.get_stopped_from_display()),
        ("批准部门", lambda p: p.approved_by_department.name if p.approved_by_department else ""),
        ("批准文号", lambda p: p.approval_number),
        ("批准日期", lambda p: p.approved_on),
        ("告知区应急局期限", lambda p: p.notify_by_on),
        ("告知日期", lambda p: p.notified_on),
        ("告知方式", lambda p: p.get_notified_how_display()),
        ("是否逾期未告知", lambda p: p.is_overdue()),
        ("试运行开始", lambda p: p.trial_started_on),
        ("试运行结束", lambda p: p.trial_ended_on),
        ("竣工验收通过", lambda p: p.accepted_on),
        ("投入使用", lambda p: p.in_use_on),
        ("发现未经验收投用", lambda p: p.found_in_use_on),
        ("登记日期", lambda p: p.registered_on),
    )


class EnterpriseProjects(FileMixin, ProjectList):
    """A tab of the enterprise's file: its projects."""

    template_name = "enterprises/enterprise_projects.html"
    empty_text = "这家企业没有登记过建设项目。"
    empty_hint = "新建、改建、扩建项目在批准(备案)以后登记到这里。"

    def get_queryset(self) -> Any:
        """Of this enterprise only."""
        return super().get_queryset().filter(enterprise=self.enterprise)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds whether this person may register one."""
        return super().get_context_data(can_register=self.request.user.role in REGISTRARS, **kwargs)


class ProjectCreate(PartCreate):
    """A project registered, once however often the form is sent."""

    model = Project
    form_class = ProjectForm
    roles = REGISTRARS
    title, button = "登记建设项目", "登记项目"
    back = "enterprise_projects"

    def make(self, form: ProjectForm) -> Project:
        """By the verb."""
        return Project.register(by=self.request.user, on=timezone.localdate(), enterprise=self.enterprise, **form.facts())


@dataclass
class Stage:
    """One stage on the bar: its name, how it stands, what it asks for, and its papers with their photos."""

    label: str
    is_done: bool
    is_here: bool
    requirement: ProjectRequirement | None
    papers: list[tuple[ProjectPaper, list[Attachment]]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """How it stands, in a word."""
        return "现在" if self.is_here else "已完成" if self.is_done else "未到"


def by_purpose(project: Project) -> dict[str, list[Attachment]]:
    """A project's photos by what they show."""
    found: dict[str, list[Attachment]] = {}
    for row in Attachment.objects.of(project):
        found.setdefault(row.purpose, []).append(row)
    return found


def stages(project: Project, photos: dict[str, list[Attachment]]) -> list[Stage]:
    """The stages of a project, in order."""
    here, today = STAGES.index(project.State(project.stage)), timezone.localdate()
    law = {row.stage: row for row in ProjectRequirement.objects.in_force(today).filter(is_special=project.is_special)}
    found = [Stage(str(stage.label), n < here, n == here, law.get(stage)) for n, stage in enumerate(STAGES)]
    for paper in project.papers.select_related("by"):
        found[STAGES.index(project.State(paper.stage))].papers.append((paper, photos.get(paper.purpose, [])))
    return found


class ProjectDetail(ScopedDetail):
    """A project: the bar of its stages, papers stage by stage, who was informed, moves, story."""

    model = Project
    template_name = "enterprises/project_detail.html"

    def get_queryset(self) -> Any:
        """With what the page shows."""
        related = ("enterprise__lead_department", "approved_by_department", "notified_by", "registered_by")
        return super().get_queryset().select_related(*related)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds stages, photos beside the papers, and the periods that run."""
        project, photos = self.object, by_purpose(self.object)
        bar = stages(project, photos)
        return super().get_context_data(
            stages=bar,
            here=next(stage for stage in bar if stage.is_here),
            is_halted=bool(project.stopped_from),
            other_photos=[row for purpose, rows in photos.items() if not purpose.startswith("paper-") for row in rows],
            file_seen=Enterprise.objects.for_user(self.request.user).filter(pk=project.enterprise_id).exists(),
            design_due=project.design_due(),
            trial_span=project.trial_span() if project.state == Project.State.TRIAL_RUN else None,
            **kwargs,
        )


class ProjectMove(MoveView):
    """One move of a project."""

    model = Project

    def get_queryset(self) -> Any:
        """With what its guards compare."""
        return super().get_queryset().select_related("enterprise", "approved_by_department")
