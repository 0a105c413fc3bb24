"""Encrypted fields: unreadable at rest, readable under an older key, rotated to the newest."""

import io

import pytest
from cryptography.fernet import InvalidToken
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from tests import factories as f

pytestmark = pytest.mark.django_db


def stored(user):
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM accounts_user WHERE id = %s", [user.pk])
        return cursor.fetchone()[0]


def test_a_phone_is_not_in_the_database_in_clear():
    user = f.UserFactory(phone="13812345678")
    assert "13812345678" not in stored(user)
    assert User.objects.get(pk=user.pk).phone == "13812345678"


def test_rotation_leaves_nothing_under_the_old_key(settings):
    settings.FIELD_KEYS = ["old"]
    user = f.UserFactory(phone="13812345678")
    settings.FIELD_KEYS = ["new", "old"]
    assert User.objects.get(pk=user.pk).phone == "13812345678"
    for _ in range(2):
        call_command("rotate_field_keys", stdout=io.StringIO())
    settings.FIELD_KEYS = ["new"]
    assert User.objects.get(pk=user.pk).phone == "13812345678"
    settings.FIELD_KEYS = ["old"]
    with pytest.raises(InvalidToken):
        User.objects.get(pk=user.pk)
