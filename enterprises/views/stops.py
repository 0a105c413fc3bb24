"""停产: the periods in which production stands still, and the story of the file."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.views.generic import TemplateView

from core.models import Event
from enterprises.forms.parts import StopEndForm, StopForm
from enterprises.models import StopPeriod
from enterprises.story import field_changes
from enterprises.views.base import FileMixin, PartCreate, PartUpdate


class StopList(FileMixin, TemplateView):
    """All stops, newest first."""

    template_name = "enterprises/stop_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds the stops and today."""
        stops = StopPeriod.objects.for_user(self.request.user).filter(enterprise=self.enterprise).select_related("by")
        return super().get_context_data(stops=stops, today=timezone.localdate(), **kwargs)


class StopCreate(PartCreate):
    """A stop registered."""

    model = StopPeriod
    form_class = StopForm
    title = "登记停产"
    back = "enterprise_stops"

    def blank(self) -> StopPeriod:
        """Registered by whoever fills the form."""
        return StopPeriod(enterprise=self.enterprise, by=self.request.user)

    def make(self, form: Any) -> StopPeriod:
        """With an Event of the enterprise."""
        stop = form.save()
        Event.record(
            self.enterprise, by=self.request.user, on=timezone.localdate(), move="stop", label="登记停产", note=f"{stop} {stop.reason}"
        )
        return stop


class StopEnd(PartUpdate):
    """The last day of a stop."""

    model = StopPeriod
    form_class = StopEndForm
    title = "登记复产"
    back = "enterprise_stops"

    def seen(self) -> str:
        """Its last day."""
        return self.part.ends_on.isoformat() if self.part.ends_on else "open"

    def save(self, form: Any) -> None:
        """With an Event of the enterprise."""
        super().save(form)
        note = f"停产至 {form.cleaned_data['ends_on']}"
        Event.record(self.enterprise, by=self.request.user, on=timezone.localdate(), move="resume", label="登记复产", note=note)


class FileHistory(FileMixin, TemplateView):
    """记录: Events and field history, newest first."""

    template_name = "enterprises/file_history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds both."""
        events = Event.objects.of(self.enterprise).visible_to(self.request.user).select_related("by").reverse()[:200]
        return super().get_context_data(events=events, changes=field_changes(self.enterprise), **kwargs)
