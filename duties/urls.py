"""URLs of duties: under /checks/, and tabs of the enterprise's file."""

from django.urls import path

from duties.views import calendar, occurrences, plans, statistics

urlpatterns = [
    path("checks/calendar/", calendar.PersonCalendar.as_view(), name="calendar"),
    path("checks/occurrences/", occurrences.OccurrenceList.as_view(), name="occurrence_list"),
    path("checks/occurrences/<int:pk>/", occurrences.OccurrenceDetail.as_view(), name="occurrence_detail"),
    path("checks/occurrences/<int:pk>/moves/<slug:name>/", occurrences.OccurrenceMove.as_view(), name="occurrence_move"),
    path("checks/samples/<int:pk>/", occurrences.SampleAnswer.as_view(), name="sample_answer"),
    path("checks/statistics/", statistics.Statistics.as_view(), name="statistics"),
    path("checks/statistics/silent/", statistics.SilentList.as_view(), name="silent_list"),
    path("enterprises/<int:pk>/calendar/", calendar.EnterpriseCalendar.as_view(), name="enterprise_calendar"),
    path("enterprises/<int:pk>/plans/", plans.PlanList.as_view(), name="plan_list"),
    path("enterprises/<int:pk>/plans/new/", plans.PlanNew.as_view(), name="plan_new"),
    path("enterprises/<int:pk>/plans/<int:part>/end/", plans.PlanEnd.as_view(), name="plan_end"),
    path("enterprises/<int:pk>/plans/<int:part>/assign/", plans.PlanAssign.as_view(), name="plan_assign"),
]
