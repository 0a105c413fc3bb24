"""The first slice by hand of the client: check → hazard → fix → accepted."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from PIL import Image

from core.models import Attachment, Event
from hazards.models import Check, Hazard
from tests import factories as f

pytestmark = pytest.mark.django_db


def jpeg(color="red"):
    out = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(out, "JPEG")
    return SimpleUploadedFile("现场.jpg", out.getvalue(), "image/jpeg")


@pytest.fixture
def catalogue(db):
    call_command("load_catalogue")


@pytest.mark.req("R20", "R23")
def test_check_to_accepted_hazard(people, sign_in, catalogue):
    client = sign_in(people.team)
    f.OccurrenceFactory(unit=people.team_a)
    owed = client.get(reverse("check_list")).context["owed"]
    assert [o.occurrence.unit for o in owed] == [people.team_a]
    data = {"occurrence": owed[0].occurrence.pk}
    assert client.post(reverse("check_open"), data).status_code == 302
    client.post(reverse("check_open"), data)
    check = Check.objects.get()
    fill = reverse("check_fill", args=[check.pk])
    page = client.get(fill)
    assert page.status_code == 200
    assert "checked" not in page.content.decode().split('name="a-0"')[1].split(">")[0]
    answers = {f"a-{n}": "pass" for n in range(len(check.items))}
    answers |= {"a-3": "fail", "n-3": "防护罩缺失", "l-3": "light", "p-3": jpeg(), "go": "review"}
    assert client.post(fill, answers).url == reverse("check_review", args=[check.pk])
    review = client.get(reverse("check_review", args=[check.pk]))
    assert review.context["missing"] == []
    sent = {f"a-{n}": "pass" for n in range(len(check.items))} | {"client_id": str(uuid.uuid4())}
    sent |= {"a-3": "fail", "n-3": "防护罩缺失", "l-3": "light", "d-3": "", "p-3_ids": str(Attachment.objects.get().uid)}
    assert client.post(reverse("check_review", args=[check.pk]), sent).status_code == 302
    assert client.post(reverse("check_review", args=[check.pk]), sent).status_code == 302
    check.refresh_from_db()
    hazard = Hazard.objects.get()
    assert (check.state, hazard.description, hazard.level, hazard.state) == ("submitted", "防护罩缺失", "light", "reported")
    assert client.get(reverse("check_detail", args=[check.pk])).status_code == 200

    safety = sign_in(people.safety)
    assert hazard in Hazard.objects.waiting_for(people.safety)
    move = lambda name: reverse("hazard_move", args=[hazard.pk, name])  # noqa: E731
    assert safety.get(move("assign")).status_code == 200
    due = safety.get(move("assign")).context["form"].fields["quick"].choices[1][0]
    form = {"version": 0, "rectifier": people.head.pk, "level": "light", "quick": due, "note": "今天停机整改"}
    assert safety.post(move("assign"), form).status_code == 302
    head = sign_in(people.head)
    assert head.post(move("submit_fix"), {"version": 1, "measures": "已装回防护罩"}).status_code == 422
    assert head.post(move("submit_fix"), {"version": 1, "measures": "已装回防护罩", "photos": jpeg("green")}).status_code == 302
    assert head.post(move("accept_fix"), {"version": 2}).status_code == 409
    safety = sign_in(people.safety)
    assert safety.post(move("accept_fix"), {"version": 2, "note": "现场看过"}).status_code == 302
    hazard.refresh_from_db()
    assert (hazard.state, hazard.closed_by) == ("closed", people.safety)
    assert [e.move for e in Event.objects.of(hazard)] == ["open", "assign", "submit_fix", "accept_fix"]
    page = safety.get(hazard.get_absolute_url())
    assert [len(page.context["before"]), len(page.context["after"])] == [1, 1]
    assert sign_in(people.inspector).get(hazard.get_absolute_url()).status_code == 200
    for url in (hazard.get_absolute_url(), check.get_absolute_url(), move("assign")):
        assert sign_in(people.outsider).get(url).status_code == 404


def test_home_opens_for_everybody(people, sign_in, catalogue):
    for name in ("admin", "leader", "inspector", "department", "village", "principal", "safety", "head", "team", "employee", "outsider"):
        for url in ("home", "check_list", "hazard_list"):
            assert sign_in(getattr(people, name)).get(reverse(url)).status_code == 200, (name, url)
