"""URLs of accounts."""

from django.urls import path

from accounts.views import account, codes, second_factor, signin

urlpatterns = [
    path("login/", signin.SignIn.as_view(), name="login"),
    path("login/code/", signin.SecondStep.as_view(), name="second_factor"),
    path("logout/", signin.SignOut.as_view(), name="logout"),
    path("account/", account.Account.as_view(), name="account"),
    path("account/password/", account.PasswordChange.as_view(), name="password_change"),
    path("account/email/", account.EmailChange.as_view(), name="email_change"),
    path("account/sessions/<int:pk>/revoke/", account.Revoke.as_view(), name="session_revoke"),
    path("account/sessions/revoke/", account.Revoke.as_view(), name="session_revoke_others"),
    path("account/second-factor/", second_factor.SecondFactorSetup.as_view(), name="second_factor_setup"),
    path("account/activate/", codes.Activate.as_view(), name="activate"),
    path("account/forgot/", codes.Forgot.as_view(), name="forgot"),
]
