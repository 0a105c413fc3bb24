"""The signatures of a visit, the entry code and the rating."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.models import Attachment, Event, MoveRefused, Signature
from inspections.models import Finding, Inspection, InspectionItem, Rating, Violation
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.inspections.visit_forms import countersign, fill, page, sign
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db


# Signatures


def test_what_is_missing_is_listed_with_links_and_nothing_is_signed(people, sign_in):
    row = course.begun(people)
    client = sign_in(people.inspector)
    text = page(client, "inspection_sign", row.pk)
    assert "有 2 项没有完成" in text
    assert reverse("inspection_fill", args=[row.pk]) + "#item-1" in text
    response = sign(client, row, by=people.inspector)
    assert (response.status_code, "张厂长" in response.content.decode()) == (422, True)
    assert not Signature.objects.exists()


@pytest.mark.req("R43")
def test_two_officers_sign_the_same_words_each_on_his_own_phone(people, sign_in):
    row = course.filled(people, p0={"is_violation": True})
    first, second = Client(), Client()
    first.force_login(people.inspector)
    second.force_login(people.inspector2)
    assert sign(first, row, by=people.inspector).status_code == 302
    assert "您已经签过" in page(first, "inspection_sign", row.pk)
    assert countersign(first, row).status_code == 409
    text = page(second, "inspection_sign", row.pk)
    for words in ("李执法", "您看到的就是他签的那一份", "张厂长", "属实", "涉嫌违法"):
        assert words in text
    assert countersign(second, row).url == row.get_absolute_url()
    row.refresh_from_db()
    assert (row.state, row.party_name, Finding.objects.count(), Violation.objects.count()) == ("recorded", "张厂长", 1, 1)


def test_words_changed_after_the_second_officer_looked_are_not_signed(people, sign_in):
    row = course.signed(people)
    version = row.version
    fill(sign_in(people.inspector), row, a_1="na", r_1="没有", s_1="1", o_1="x")
    response = countersign(sign_in(people.inspector2), row, version=version)
    assert (response.status_code, "又有改动" in response.content.decode()) == (409, True)
    row.refresh_from_db()
    assert row.state == "in_progress"


def test_stale_first_signature_says_who_wrote_last(people, sign_in):
    row = course.filled(people)
    version = row.version
    fill(sign_in(people.inspector2), row, a_1="na", r_1="没有", s_1="1", o_1="x")
    response = sign(sign_in(people.inspector), row, by=people.inspector, version=version)
    assert (response.status_code, f"最后填写的是 {people.inspector2.name}(" in response.content.decode()) == (409, True)


def test_who_is_no_officer_of_the_visit_learns_that_and_not_what_is_missing(people, sign_in):
    row = course.begun(people)
    with pytest.raises(MoveRefused, match="只有这次检查的检查人员"):
        row.sign_record(by=people.department, on=TODAY, party_name="张", party_post="厂长", refusal="不签", witness="王")


def test_a_refused_picture_is_said_beside_what_is_missing(people, sign_in):
    row = course.begun(people)
    fake = SimpleUploadedFile("签名.jpg", b"no picture", content_type="image/jpeg")
    response = sign(sign_in(people.inspector), row, signature_ids="", signature=fake)
    text = response.content.decode()
    assert (response.status_code, "有 2 项没有完成" in text, "签名.jpg" in text) == (422, True, True)


def test_damaged_version_is_said_as_a_stale_page(people, sign_in):
    row = course.filled(people)
    response = sign(sign_in(people.inspector), row, by=people.inspector, version="x")
    assert (response.status_code, "页面已过期,请刷新后再提交。" in response.content.decode()) == (422, True)


def test_first_signature_that_comes_too_late_keeps_what_was_typed(people, sign_in):
    row = course.filled(people)
    version = row.version
    course.signed(people, Inspection.objects.get(pk=row.pk))
    response = sign(sign_in(people.inspector2), row, by=people.inspector2, version=version, party_opinion="另一种意见")
    assert (response.status_code, "另一种意见" in response.content.decode(), "会签" in response.content.decode()) == (409, True, True)


def test_refusal_needs_a_witness_and_signature_or_refusal_is_needed(people, sign_in):
    row = course.filled(people)
    client = sign_in(people.inspector)
    nothing = sign(client, row, signature_ids="")
    assert (nothing.status_code, "请企业现场负责人签名" in nothing.content.decode()) == (422, True)
    alone = sign(client, row, refusal="厂长不签")
    assert (alone.status_code, "请填写见证人" in alone.content.decode(), "厂长不签" in alone.content.decode()) == (422, True, True)
    both = sign(client, row, refusal="厂长不签", witness="村主任", signature_ids=str(course.photo(people.inspector).uid))
    assert both.status_code == 422
    assert sign(client, row, refusal="厂长不签", witness="刘罗坪村 王某").status_code == 302
    row.refresh_from_db()
    assert (row.refusal, row.witness, row.record_signers) == ("厂长不签", "刘罗坪村 王某", [people.inspector])


def test_signature_sent_twice_is_taken_once(people, sign_in):
    row = course.filled(people)
    client = sign_in(people.inspector)
    row.refresh_from_db()
    data = {
        "client_id": str(uuid.uuid4()),
        "version": row.version,
        "party_name": "张厂长",
        "party_post": "厂长",
        "signature_ids": str(course.photo(people.inspector).uid),
    }
    url = reverse("inspection_sign", args=[row.pk])
    assert [client.post(url, data).status_code for _ in range(3)] == [302] * 3
    assert Event.objects.of(row).filter(move="sign_record").count() == 1
    assert Attachment.objects.of(row).count() == 1
    other = client.post(url, {**data, "party_name": "别人"})
    assert (other.status_code, Inspection.objects.get(pk=row.pk).party_name) == (409, "张厂长")
    twice = {"client_id": str(uuid.uuid4()), "version": Inspection.objects.get(pk=row.pk).version, "step": "countersign"}
    second = sign_in(people.inspector2)
    assert [second.post(url, twice).status_code for _ in range(2)] == [302] * 2
    assert Event.objects.of(row).filter(move="record").count() == 1


def test_photo_of_a_signature_without_javascript(people, sign_in):
    row = course.filled(people)
    row.refresh_from_db()
    data = {
        "client_id": str(uuid.uuid4()),
        "version": row.version,
        "party_name": "张厂长",
        "party_post": "厂长",
        "signature": jpeg(),
    }
    assert sign_in(people.inspector).post(reverse("inspection_sign", args=[row.pk]), data).status_code == 302
    assert Attachment.objects.of(row).get().purpose.startswith("signature-")


# The entry code


def entry(row, client=None):
    return (client or Client()).get(reverse("inspection_entry", args=[row.entry_code]))


@pytest.mark.req("R72")
def test_firm_scans_basis_officers_items_and_rights(people):
    row = course.approved(people)
    assert entry(row).status_code == 404
    course.noticed(people, row)
    response = entry(row)
    text = response.content.decode()
    for words in ("年度计划", "李执法", people.inspector2.certificates.get().number, "隐患排查治理", "通道堆物", "申请回避", "停产停业"):
        assert words in text
    assert (response["Cache-Control"], "sessionid" in response.cookies) == ("no-store", False)
    assert Client().get(reverse("inspection_entry", args=["0" * 20])).status_code == 404


def test_entry_page_tells_nothing_of_the_towns_affairs(people):
    row = course.planned(
        people,
        kind="complaint",
        complaint_channel="12345",
        complaint_number="秘密单号",
        return_by_on=later(5),
        content="秘密内容",
        equipment="秘密装备",
    )
    row = course.recorded(
        people, course.begun(people, course.noticed(people, course.approved(people, row))), p0={"is_violation": True, "note": "秘密情况"}
    )
    text = entry(row).content.decode()
    assert [word for word in ("秘密单号", "秘密内容", "秘密装备", "秘密情况", "违法", "张厂长") if word in text] == []


def test_rating_is_taken_once_and_tied_to_nothing(people):
    row = course.recorded(people)
    url = reverse("inspection_entry", args=[row.entry_code])
    client = Client()
    assert client.post(url, {"remark": "没有分数"}).status_code == 422
    before = Event.objects.count()
    first, second = client.post(url, {"score": "4", "remark": "还可以"}), client.post(url, {"score": "1"})
    assert (first.status_code, second.status_code) == (200, 409)
    rating = Rating.objects.get()
    row.refresh_from_db()
    quarter = TODAY.replace(month=(TODAY.month - 1) // 3 * 3 + 1, day=1)
    assert (rating.score, rating.remark, rating.quarter, rating.kind) == (4, "还可以", quarter, "planned")
    assert {field.name for field in Rating._meta.get_fields()} == {"id", "quarter", "kind", "score", "remark"}
    assert row.rated_at.astimezone().date() <= quarter
    assert Event.objects.count() == before
    assert rating.pk > 1000


def test_order_of_ratings_tells_nothing(people):
    row = course.recorded(people)
    keys = []
    for _ in range(8):
        Inspection.objects.filter(pk=row.pk).update(rated_at=None)
        assert Rating.leave(row, on=TODAY, score=5)
        keys.append(Rating.objects.exclude(pk__in=keys).get().pk)
    assert keys != sorted(keys)


def test_visit_not_recorded_is_not_rated(people):
    row = course.begun(people)
    assert Client().post(reverse("inspection_entry", args=[row.entry_code]), {"score": "5"}).status_code == 409
    assert not Rating.objects.exists()


def test_guessing_codes_is_slowed(people):
    row = course.noticed(people)
    client = Client()
    tries = [client.get(reverse("inspection_entry", args=[f"{n:020x}"])).status_code for n in range(31)]
    assert (tries[:30], tries[30]) == ([404] * 30, 429)
    assert entry(row, client).status_code == 429


def test_locked_out_rating_is_not_kept(people):
    row, client = course.recorded(people), Client()
    for n in range(30):
        client.get(reverse("inspection_entry", args=[f"{n:020x}"]))
    assert client.post(reverse("inspection_entry", args=[row.entry_code]), {"score": "1"}).status_code == 429
    assert not Rating.objects.exists()


def test_items_carry_their_owner_and_scope(people):
    row = course.begun(people)
    assert InspectionItem.objects.for_user(people.principal).filter(inspection=row).count() == 0
    course.recorded(people, row)
    assert InspectionItem.objects.for_user(people.principal).filter(inspection=row).count() == 2
