"""Models of accounts."""

from accounts.models.areas import Area, Department, Sector
from accounts.models.certificates import OfficerCertificate
from accounts.models.codes import OneTimeCode
from accounts.models.sessions import SignInSession
from accounts.models.users import User
from accounts.roles import Role

__all__ = ["Area", "Department", "OfficerCertificate", "OneTimeCode", "Role", "Sector", "SignInSession", "User"]
