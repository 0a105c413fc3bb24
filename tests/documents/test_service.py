"""送达: what a record needs, what cannot have happened, corrections, and the pages."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core import clock
from core.models import Attachment, Event, MoveRefused
from documents.models import Document, Service
from documents.models.service import needs_service
from hazards.models import Hazard
from tests import factories as f
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


@pytest.fixture
def paper(people):
    """A paper of the town to the factory, issued ten days ago."""
    return f.a_town_paper(people, on=TODAY - 10 * DAY)


def form(people, **fields):
    """What the page sends."""
    base = {
        "client_id": "6f1c1c1e-0000-4000-8000-000000000001",
        "method": "direct",
        "receiver": "王安全",
        "receiver_role": "安全管理员",
        "served_on": TODAY.isoformat(),
        "place": "厂办公室",
        "server": people.inspector.pk,
    }
    return {**base, "photos": jpeg(), **fields}


@pytest.mark.req("R76")
def test_a_service_is_told_on_the_subject_and_the_period_starts_the_day_after(people, paper):
    row = f.a_service(people, paper, served_on=TODAY - DAY)
    subject = Hazard.objects.get(pk=paper.subject_pk)
    event = Event.objects.of(subject).last()
    assert (event.move, event.label, event.by, event.on, event.enterprise_id) == (
        "serve",
        "送达",
        people.inspector,
        TODAY,
        people.factory.pk,
    )
    assert event.data == {
        "document": paper.pk,
        "service": row.pk,
        "served_on": (TODAY - DAY).isoformat(),
        "lines": [
            f"文书:{paper.number}",
            "方式:直接送达",
            "签收人:王安全(安全管理员)",
            f"送达日期:{TODAY - DAY},期限自 {TODAY} 起算",
            "送达人:李执法",
        ],
    }
    assert row.period_starts_on == TODAY
    f.DeadlineRuleFactory(code="party.one_day", value=1, unit="W")
    assert clock.due_on("party.one_day", row.served_on) >= row.period_starts_on, "the day of service itself is never counted"


def test_an_announcement_serves_when_its_period_is_over(people, paper):
    row = f.a_service(people, paper, method="announced", sent_on=TODAY - 10 * DAY, served_on=None, reference="镇政府公告栏")
    assert row.served_on == clock.due_on("service.announcement", TODAY - 10 * DAY)
    assert row.served_on >= TODAY + 20 * DAY
    assert list(Service.objects.done(TODAY)) == []
    assert list(Service.objects.done(row.served_on)) == [row]


LEFT = {"method": "left", "refusal": "厂长拒绝签收", "witnesses": "村委会王某某"}


@pytest.mark.parametrize(
    "facts",
    [
        LEFT,
        {**LEFT, "witnesses": "", "is_recorded": True},
        {"method": "mail", "sent_on": TODAY - 2 * DAY, "reference": "EMS1234567890"},
        {"method": "entrusted", "reference": "邻镇应急办"},
        {"method": "electronic", "reference": "safety@example.com", "confirmed_on": TODAY - DAY},
    ],
    ids=lambda facts: facts["method"] + str(len(facts)),
)
def test_each_method_with_what_it_needs(people, paper, facts):
    two = {"second_server": people.inspector2} if facts["method"] == "left" else {}
    row = f.a_service(people, paper, **facts, **two)
    assert list(Service.objects.done(TODAY)) == [row]


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({**LEFT, "refusal": ""}, "service_refusal_witnessed"),
        ({**LEFT, "witnesses": ""}, "service_refusal_witnessed"),
        ({"refusal": "拒收"}, "service_refusal_witnessed"),
        ({**LEFT, "second_server": None}, "service_left_by_two"),
        ({"method": "mail", "reference": "EMS1"}, "service_sent_before_served"),
        ({"method": "mail", "sent_on": TODAY - DAY}, "service_reference"),
        ({"method": "electronic", "reference": "a@b.cn"}, "service_electronic_confirmed"),
        ({"method": "electronic", "reference": "a@b.cn", "confirmed_on": TODAY + DAY}, "service_electronic_confirmed"),
        ({"second_server": "same"}, "service_two_servers"),
        ({"correction_reason": "写错"}, "service_correction_reason"),
    ],
    ids=str,
)
def test_the_database_refuses_half_a_record(people, paper, facts, constraint):
    second = {"same": people.inspector, None: None}[facts["second_server"]] if "second_server" in facts else people.inspector2
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        f.a_service(people, paper, **{**facts, "second_server": second})
    assert Service.objects.count() == 0


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"served_on": TODAY + DAY}, "晚于今天"),
        ({"served_on": TODAY - 11 * DAY}, "制发日期"),
        ({"method": "mail", "reference": "EMS", "sent_on": TODAY - 11 * DAY}, "制发日期"),
        ({"method": "announced", "reference": "公告栏", "sent_on": TODAY + DAY}, "晚于今天"),
        ({"server": "foreign"}, "本镇在岗"),
        ({"second_server": "village"}, "本镇在岗"),
    ],
    ids=str,
)
def test_what_cannot_have_happened_is_refused(people, paper, facts, why):
    facts = {name: getattr(people, value) if name.endswith("server") else value for name, value in facts.items()}
    with pytest.raises(MoveRefused, match=why):
        f.a_service(people, paper, **facts)
    assert (Service.objects.count(), Event.objects.filter(move="serve").count()) == (0, 0)


def test_only_inspectors_register(people, paper):
    for who in (people.leader, people.reviewer, people.admin, people.village, people.department, people.safety, people.employee):
        with pytest.raises(PermissionDenied):
            f.a_service(people, paper, by=who)
    assert Service.objects.count() == 0


def test_papers_of_a_firm_and_letters_inside_the_office_need_none(people):
    own = f.a_town_paper(people, kind="OWN")
    Document.objects.get(pk=own.pk).kind.__class__.objects.filter(code="OWN").update(issuer="enterprise")
    letter = f.a_town_paper(people, audience="town")
    for paper in (Document.objects.get(pk=own.pk), letter):
        assert not needs_service(paper)
        with pytest.raises(MoveRefused, match="不需要送达"):
            f.a_service(people, paper)
    assert needs_service(f.a_town_paper(people))


def test_a_correction_stands_beside_the_old_record(people, paper):
    old = f.a_service(people, paper)
    new = f.a_service(people, paper, receiver="张厂长", corrects=old, correction_reason="签收人写错")
    assert list(Service.objects.standing()) == [new]
    assert (Service.objects.count(), new.corrects) == (2, old)
    assert Event.objects.of(Hazard.objects.get(pk=paper.subject_pk)).last().label == "更正送达"
    with pytest.raises(MoveRefused, match="已经被更正过"):
        f.a_service(people, paper, corrects=old, correction_reason="又一次")
    with pytest.raises(MoveRefused, match="已经登记过送达"):
        f.a_service(people, paper)
    other = f.a_town_paper(people)
    with pytest.raises(MoveRefused, match="已经被更正过"):
        f.a_service(people, other, corrects=new, correction_reason="别的文书")
    assert Service.objects.count() == 2


def test_a_void_paper_is_not_served(people, paper):
    Document.objects.filter(pk=paper.pk).update(voided_at=timezone.now(), voided_by=people.inspector, void_reason="写错")
    with pytest.raises(MoveRefused, match="已作废"):
        f.a_service(people, paper)


# Pages


def test_the_form_registers_once_with_its_receipt(people, paper, sign_in):
    client, url = sign_in(people.inspector), reverse("service_new", args=[paper.pk])
    photo = Attachment.take_in(jpeg(), by=people.inspector)
    for _ in range(3):
        answer = client.post(url, {**form(people), "photos": [], "photos_ids": [str(photo.uid)]})
        assert (answer.status_code, answer.url) == (302, reverse("service_list", args=[paper.pk]))
    row = Service.objects.get()
    assert (row.by, row.receiver, row.served_on, row.sent_on, row.second_server) == (people.inspector, "王安全", TODAY, None, None)
    assert [file.purpose for file in Attachment.objects.of(row)] == ["receipt"]
    answer = client.post(url, {**form(people, receiver="别人"), "photos": [], "photos_ids": [str(photo.uid)]})
    assert answer.status_code == 409
    assert "内容与现在填写的不同" in answer.text
    assert Service.objects.count() == 1
    page = client.get(reverse("service_list", args=[paper.pk])).text
    assert [word in page for word in ("王安全", "已送达", "更正", reverse("file_thumbnail", args=[photo.pk]))] == [True] * 4


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"receiver": ""}, "receiver", "请填写签收人"),
        ({"served_on": ""}, "served_on", "直接送达须填写送达日期"),
        ({"served_on": "昨天"}, "served_on", "日期"),
        ({"method": "left", "second_server": "2"}, "refusal", "留置送达须填写拒收情况"),
        ({"method": "left", "refusal": "拒收", "second_server": "2"}, "witnesses", "留置送达须有见证人"),
        ({"method": "left", "refusal": "拒收", "witnesses": "王某"}, "second_server", "留置送达须填写第二送达人"),
        ({"method": "mail", "reference": "EMS"}, "sent_on", "邮寄送达须填写"),
        ({"method": "mail", "reference": "EMS", "sent_on": (TODAY + DAY).isoformat()}, "served_on", "不能早于寄出"),
        ({"method": "announced", "sent_on": TODAY.isoformat()}, "reference", "公告送达须填写"),
        ({"method": "electronic", "reference": "a@b.cn"}, "confirmed_on", "电子送达须填写书面确认日期"),
        ({"method": "carrier pigeon"}, "method", "选择"),
        ({"second_server": "1"}, "second_server", "不能是同一个人"),
        ({"server": "0"}, "server", "选择"),
        ({"photos": ""}, "photos", "至少拍一张"),
        ({"method": "announced", "reference": "公告栏", "sent_on": "9999-12-31"}, "__all__", "晚于今天"),
        ({"method": "announced", "reference": "公告栏", "sent_on": "0001-01-01"}, "__all__", "制发日期"),
    ],
    ids=str,
)
def test_bad_input_is_a_sentence_and_loses_nothing(people, paper, sign_in, fields, field, why):
    ids = {"1": people.inspector.pk, "2": people.inspector2.pk}
    fields = {name: ids.get(value, value) if name == "second_server" else value for name, value in fields.items()}
    answer = sign_in(people.inspector).post(reverse("service_new", args=[paper.pk]), form(people, note="原样保留", **fields))
    assert answer.status_code == 422
    assert why in "".join(answer.context["form"].errors[field])
    assert "原样保留" in answer.text
    assert Service.objects.count() == 0


def test_what_the_method_does_not_know_is_left_out(people, paper, sign_in):
    """Fields of another method, filled and then hidden, do not make a half record."""
    extra = {"refusal": "拒收", "reference": "EMS", "sent_on": TODAY.isoformat(), "confirmed_on": TODAY.isoformat()}
    answer = sign_in(people.inspector).post(reverse("service_new", args=[paper.pk]), form(people, **extra))
    assert answer.status_code == 302
    row = Service.objects.get()
    assert (row.refusal, row.reference, row.sent_on, row.confirmed_on) == ("", "", None, None)


def test_a_correction_starts_from_the_old_record(people, paper, sign_in):
    old = f.a_service(people, paper, note="旧备注")
    client, url = sign_in(people.inspector), f"{reverse('service_new', args=[paper.pk])}?corrects={old.pk}"
    assert client.get(url).context["form"]["note"].value() == "旧备注"
    assert client.post(url, form(people)).status_code == 422, "a correction says why"
    answer = client.post(url, form(people, receiver="张厂长", correction_reason="写错", client_id="6f1c1c1e-0000-4000-8000-000000000002"))
    assert answer.status_code == 302
    assert [(row.receiver, row.corrects_id) for row in Service.objects.order_by("pk")] == [("王安全", None), ("张厂长", old.pk)]
    for wrong in ("0", "abc", "9" * 30, str(old.pk + 99)):
        assert client.get(f"{reverse('service_new', args=[paper.pk])}?corrects={wrong}").status_code == 404


def test_the_firm_reads_its_service_and_its_neighbour_does_not(people, paper, sign_in):
    f.a_service(people, paper)
    url = reverse("service_list", args=[paper.pk])
    assert "王安全" in sign_in(people.safety).get(url).text
    assert sign_in(people.outsider).get(url).status_code == 404
    assert sign_in(people.employee).get(url).status_code == 403
