"""The four base views every page is one of."""

from core.views.base import MoveView, RoleMixin, ScopedCreate, ScopedDetail, ScopedList, ScopedUpdate

__all__ = ["MoveView", "RoleMixin", "ScopedCreate", "ScopedDetail", "ScopedList", "ScopedUpdate"]
