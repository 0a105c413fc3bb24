"""URLs of enterprises: the list, the file with its tabs, the roster import."""

from django.urls import include, path

from enterprises.views import enterprises, key_people, projects, roster, stops, units

urlpatterns = [
    path("", include("enterprises.urls_people")),
    path("", enterprises.EnterpriseList.as_view(), name="enterprise_list"),
    path("new/", enterprises.EnterpriseCreate.as_view(), name="enterprise_new"),
    path("import/", roster.RosterList.as_view(), name="roster_import"),
    path("import/<int:pk>/", roster.RosterDetail.as_view(), name="roster_detail"),
    path("import/<int:pk>/columns/", roster.RosterColumns.as_view(), name="roster_columns"),
    path("import/<int:pk>/refused/", roster.RosterRefusedRows.as_view(), name="roster_refused"),
    path("import/<int:pk>/<slug:name>/", roster.RosterMove.as_view(), name="roster_move"),
    path("projects/", projects.ProjectList.as_view(), name="project_list"),
    path("projects/<int:pk>/", projects.ProjectDetail.as_view(), name="project_detail"),
    path("projects/<int:pk>/moves/<slug:name>/", projects.ProjectMove.as_view(), name="project_move"),
    path("<int:pk>/", enterprises.EnterpriseDetail.as_view(), name="enterprise_detail"),
    path("<int:pk>/edit/", enterprises.EnterpriseUpdate.as_view(), name="enterprise_edit"),
    path("<int:pk>/units/", units.UnitTree.as_view(), name="enterprise_units"),
    path("<int:pk>/units/new/", units.UnitCreate.as_view(), name="unit_new"),
    path("<int:pk>/units/<int:part>/", units.UnitUpdate.as_view(), name="unit_edit"),
    path("<int:pk>/units/<int:part>/close/", units.UnitClose.as_view(), name="unit_close"),
    path("<int:pk>/key-people/new/", key_people.KeyPersonCreate.as_view(), name="key_person_new"),
    path("<int:pk>/key-people/<int:part>/", key_people.KeyPersonUpdate.as_view(), name="key_person_edit"),
    path("<int:pk>/key-people/<int:part>/confirm/", key_people.KeyPersonConfirm.as_view(), name="key_person_confirm"),
    path("<int:pk>/key-people/<int:part>/end/", key_people.KeyPersonEnd.as_view(), name="key_person_end"),
    path("<int:pk>/key-people/<int:part>/phone/", key_people.KeyPersonPhone.as_view(), name="key_person_phone"),
    path("<int:pk>/projects/", projects.EnterpriseProjects.as_view(), name="enterprise_projects"),
    path("<int:pk>/projects/new/", projects.ProjectCreate.as_view(), name="project_new"),
    path("<int:pk>/stops/", stops.StopList.as_view(), name="enterprise_stops"),
    path("<int:pk>/stops/new/", stops.StopCreate.as_view(), name="stop_new"),
    path("<int:pk>/stops/<int:part>/end/", stops.StopEnd.as_view(), name="stop_end"),
    path("<int:pk>/history/", stops.FileHistory.as_view(), name="enterprise_history"),
]
