"""URLs of notices: /account/notices/."""

from django.urls import path

from notices.views import inbox, outside

urlpatterns = [
    path("", inbox.Inbox.as_view(), name="notice_list"),
    path("read/", inbox.ReadAll.as_view(), name="notice_read_all"),
    path("<int:pk>/", inbox.Open.as_view(), name="notice_detail"),
    path("<int:pk>/read/", inbox.Read.as_view(), name="notice_read"),
    path("settings/", outside.Settings.as_view(), name="notice_settings"),
    path("channels/<str:kind>/", outside.ChannelEdit.as_view(), name="channel_edit"),
    path("channels/<str:kind>/switch/", outside.ChannelSwitch.as_view(), name="channel_switch"),
    path("channels/<str:kind>/test/", outside.ChannelTest.as_view(), name="channel_test"),
    path("deliveries/", outside.Deliveries.as_view(), name="delivery_list"),
]
