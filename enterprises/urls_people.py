"""URLs of people: under an enterprise's file, and under /account/."""

from django.urls import path

from enterprises.views import certificates, people, staff

urlpatterns = [
    path("<int:pk>/people/", people.PeopleList.as_view(), name="people_list"),
    path("<int:pk>/people/invite/", people.Invite.as_view(), name="people_invite"),
    path("<int:pk>/people/add/", people.AddExisting.as_view(), name="people_add"),
    path("<int:pk>/people/<int:part>/code/", people.IssueCode.as_view(), name="people_code"),
    path("<int:pk>/people/<int:part>/end/", people.EndRole.as_view(), name="people_end"),
    path("<int:pk>/people/<int:part>/delegate/", people.Delegate.as_view(), name="people_delegate"),
]

account_urlpatterns = [
    path("account/membership/", people.MembershipChoose.as_view(), name="membership_choose"),
    path("account/staff/", staff.StaffList.as_view(), name="staff_list"),
    path("account/staff/invite/", staff.StaffInvite.as_view(), name="staff_invite"),
    path("account/staff/<int:pk>/", staff.StaffDetail.as_view(), name="staff_detail"),
    path("account/staff/<int:pk>/role/", staff.StaffRole.as_view(), name="staff_role"),
    path("account/staff/<int:pk>/role/<int:part>/end/", staff.StaffEndRole.as_view(), name="staff_end_role"),
    path("account/staff/<int:pk>/role/<int:part>/delegate/", staff.StaffDelegate.as_view(), name="staff_delegate"),
    path("account/staff/<int:pk>/code/", staff.StaffCode.as_view(), name="staff_code"),
    path("account/staff/<int:pk>/active/", staff.StaffActive.as_view(), name="staff_active"),
    path("account/staff/<int:pk>/certificates/new/", certificates.CertificateCreate.as_view(), name="staff_certificate_new"),
    path(
        "account/staff/<int:pk>/certificates/<int:part>/revoke/", certificates.CertificateRevoke.as_view(), name="staff_certificate_revoke"
    ),
    path("account/staff/<int:pk>/second-factor/", staff.StaffSecondFactor.as_view(), name="staff_second_factor"),
]
