"""One-time codes: used once, expired, burnt by tries, another's; by mail; the same answer to everything wrong."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.mail import send_code
from accounts.models import Area, OneTimeCode, User
from accounts.models.codes import MAX_TRIES
from core.models import Event, Job
from tests import factories as f

pytestmark = pytest.mark.django_db
NEW = "a-quite-new-secret-7"
WRONG = "用户名或代码不对,或者代码已用过、已过期"


def issue(user, by):
    return OneTimeCode.issue(user, purpose="reset", by=by)


def activate(username, code, password=NEW, **extra):
    data = {"username": username, "code": code, "new_password1": password, "new_password2": password, **extra}
    return Client().post("/account/activate/", data)


def works(user, password=NEW):
    return User.objects.get(pk=user.pk).check_password(password)


def test_code_sets_the_password_signs_nobody_in_and_ends_sessions(people):
    elsewhere = Client()
    elsewhere.force_login(people.safety)
    assert elsewhere.get("/account/").status_code == 200
    client = Client()
    code = issue(people.safety, people.principal).text
    assert re.fullmatch(r"[A-Z2-9]{5}-[A-Z2-9]{5}", code)
    data = {"username": "SAFETY", "code": f" {code.lower()} ", "new_password1": NEW, "new_password2": NEW}
    response = client.post("/account/activate/", data, follow=True)
    assert response.redirect_chain == [("/login/", 302)]
    assert "密码已设置" in response.content.decode()
    assert client.get("/account/").status_code == 302
    assert elsewhere.get("/account/").status_code == 302
    assert works(people.safety)
    assert [e.label for e in Event.objects.of(people.safety)] == ["用重置密码码设置密码"]


def test_code_works_once_and_the_same_form_sent_twice_has_one_answer(people):
    code = issue(people.safety, people.principal).text
    assert [activate("safety", code).status_code for _ in range(2)] == [302, 302]
    second = activate("safety", code, "yet-another-secret-8")
    assert second.status_code == 422
    assert WRONG in second.content.decode()
    assert works(people.safety)
    assert Event.objects.of(people.safety).count() == 1


def test_wrong_name_wrong_code_expired_and_anothers_read_the_same(people):
    expired = issue(people.head, people.principal)
    OneTimeCode.objects.filter(pk=expired.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1), issued_at=timezone.now() - timedelta(8)
    )
    anothers = issue(people.team, people.principal)
    User.objects.filter(pk=people.employee.pk).update(is_active=False)
    disabled = issue(people.employee, people.principal)
    tries = [
        ("nobody", "AAAAABBBBB"),
        ("safety", "AAAAABBBBB"),
        ("head", expired.text),
        ("safety", anothers.text),
        ("employee", disabled.text),
    ]
    answers = [activate(*each) for each in tries]
    assert [a.status_code for a in answers] == [422] * 5
    assert len({re.sub(r'value="[^"]*"', "", a.content.decode()) for a in answers}) == 1
    assert not any(works(u) for u in (people.safety, people.head, people.team, people.employee))


def test_eight_wrong_tries_burn_the_code(people):
    code = issue(people.safety, people.principal).text
    for _ in range(MAX_TRIES):
        assert activate("safety", "AAAAABBBBB").status_code == 422
    assert activate("safety", code).status_code == 422
    assert not works(people.safety)


def test_a_new_code_kills_the_older_one(people):
    older, newer = issue(people.safety, people.principal).text, issue(people.safety, people.principal).text
    assert activate("safety", older).status_code == 422
    assert activate("safety", newer).status_code == 302


def test_one_address_is_refused_after_thirty_tries_another_is_not(people):
    code = issue(people.safety, people.principal).text
    answers = [activate(f"nobody{n}", "AAAAABBBBB").status_code for n in range(31)]
    assert answers == [422] * 30 + [429]
    assert activate("safety", code).status_code == 429
    data = {"username": "safety", "code": code, "new_password1": NEW, "new_password2": NEW}
    assert Client(REMOTE_ADDR="10.1.2.3").post("/account/activate/", data).status_code == 302


@pytest.mark.parametrize(
    ("password", "second"), [("short", "short"), ("1234567890123", "1234567890123"), ("xx-safety-xx", "xx-safety-xx"), (NEW, NEW + "x")]
)
def test_poor_or_different_passwords_do_not_use_the_code_up(people, password, second):
    code = issue(people.safety, people.principal).text
    assert activate("safety", code, password, new_password2=second).status_code == 422
    assert activate("safety", code).status_code == 302


def test_codes_are_stored_hashed_and_made_again_only_from_their_nonce(people):
    nonce = uuid.uuid4()
    row = OneTimeCode.issue(people.safety, purpose="reset", by=people.principal, nonce=nonce)
    stored = OneTimeCode.objects.values().get()
    assert row.text.replace("-", "") not in str(stored)
    again = OneTimeCode.objects.get()
    again.reveal(uuid.uuid4())
    assert again.text == ""
    again.reveal(nonce)
    assert again.text == row.text
    assert activate("safety", row.text).status_code == 302
    used = OneTimeCode.objects.get()
    used.reveal(nonce)
    assert used.text == ""


def test_forgot_answers_the_same_and_mails_only_an_address_on_file(people):
    User.objects.filter(pk=people.safety.pk).update(email="safety@example.com")
    f.UserFactory(username="gone", email="gone@example.com", is_active=False)
    answers = [Client().post("/account/forgot/", {"username": name}, follow=True) for name in ("Safety", "head", "nobody", "gone")]
    assert {a.status_code for a in answers} == {200}
    assert len({re.sub(r'value="[^"]*"', "", a.content.decode()) for a in answers}) == 1
    jobs = list(Job.objects.order_by("pk"))
    assert [job.kind for job in jobs] == ["mail_code"] * 4
    assert mail.outbox == []
    assert [send_code(job) for job in jobs] == ["已寄出", "没有可寄的地址", "没有可寄的地址", "没有可寄的地址"]
    assert [m.to for m in mail.outbox] == [["safety@example.com"]]
    send_code(jobs[0])
    codes = [re.search(r"[A-Z2-9]{5}-[A-Z2-9]{5}", m.body)[0] for m in mail.outbox]
    assert codes[0] == codes[1]
    assert activate("safety", codes[0]).status_code == 302


def test_forgot_asks_three_times_an_hour_for_one_name(people):
    for _ in range(5):
        assert Client().post("/account/forgot/", {"username": "safety"})["Location"] == "/account/activate/"
    assert Job.objects.count() == 3


def test_make_admin_makes_the_first_administrator_and_later_a_new_code(db, settings, capsys):
    call_command("make_admin", "Boss", "周明")
    first = re.search(r"[A-Z2-9]{5}-[A-Z2-9]{5}", capsys.readouterr().out)[0]
    user = User.objects.get(username="boss")
    held = user.memberships.get()
    assert (user.name, user.role, held.area_id, user.has_usable_password()) == ("周明", "admin", settings.HOME_AREA, False)
    call_command("make_admin", "boss", "周明")
    second = re.search(r"[A-Z2-9]{5}-[A-Z2-9]{5}", capsys.readouterr().out)[0]
    assert (User.objects.filter(username="boss").count(), user.memberships.count(), Area.objects.count()) == (1, 1, 1)
    assert [activate("boss", code).status_code for code in (first, second)] == [422, 302]


def test_make_admin_takes_no_other_persons_account(people):
    with pytest.raises(CommandError):
        call_command("make_admin", "safety", "安全员")
    assert [m.role for m in people.safety.memberships.all()] == ["safety_manager"]


def test_a_dead_cache_refuses_nobody(people, settings):
    dead = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": dead}
    assert activate("safety", issue(people.safety, people.principal).text).status_code == 302
    assert works(people.safety)
