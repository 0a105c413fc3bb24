"""Attachments: orphans first, attached once, visible with their row."""

import datetime
import hashlib
import io
import uuid
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from PIL import Image

from core.models import Attachment, MoveRefused
from core.tasks import drop_stale_uploads
from tests.core.pictures import encoded, phone_exif, upload
from tests.factories import a_hazard

pytestmark = pytest.mark.django_db


def taken_by(user, **kwargs):
    return Attachment.take_in(upload(encoded(exif=phone_exif())), by=user, **kwargs)


@pytest.mark.req("R23")
def test_a_photo_taken_in_keeps_its_facts_as_data(people):
    row = taken_by(people.employee)
    stored = row.file.open("rb").read()
    assert (row.sha256, row.size) == (hashlib.sha256(stored).hexdigest(), len(stored))
    assert row.source_sha256 == hashlib.sha256(encoded(exif=phone_exif())).hexdigest()
    assert (row.name, row.media_type, row.width, row.height) == ("现场.jpg", "image/jpeg", 64, 48)
    assert timezone.localtime(row.taken_at).isoformat() == "2026-11-20T08:30:15+08:00"
    row.refresh_from_db()
    assert (str(row.latitude), str(row.longitude)) == ("28.760000", "106.655000")
    assert (row.attached_at, row.subject_pk, row.enterprise_id) == (None, None, None)


def test_the_same_uid_is_the_same_row_for_its_person_only(people):
    uid = uuid.uuid4()
    first = taken_by(people.employee, uid=uid)
    again = Attachment.take_in(upload(encoded(colour="blue")), by=people.employee, uid=uid)
    other = taken_by(people.outsider, uid=uid)
    assert again.pk == first.pk
    assert again.sha256 == first.sha256
    assert other.pk != first.pk
    assert Attachment.objects.count() == 2


def test_attach_ties_only_ones_own_orphans_and_only_once(people):
    hazard, second = a_hazard(people), a_hazard(people)
    mine, foreign = taken_by(people.employee), taken_by(people.outsider)
    with pytest.raises(MoveRefused, match="已经用在别的记录上"), transaction.atomic():
        Attachment.attach([mine, foreign], hazard, purpose="before", by=people.employee)
    Attachment.attach([mine], hazard, purpose="before", by=people.employee)
    with pytest.raises(MoveRefused), transaction.atomic():
        Attachment.attach([mine], second, purpose="after", by=people.employee)
    assert list(Attachment.objects.of(hazard)) == [mine]
    assert list(Attachment.objects.of(second)) == []
    mine.refresh_from_db()
    foreign.refresh_from_db()
    assert (mine.purpose, mine.enterprise_id, mine.subject_model) == ("before", people.factory.pk, "hazards.hazard")
    assert foreign.attached_at is None


def test_stale_orphans_go_with_their_files_and_nothing_else_does(people):
    hazard = a_hazard(people)
    tied, fresh, stale = taken_by(people.employee), taken_by(people.employee), taken_by(people.employee)
    Attachment.attach([tied], hazard, purpose="before", by=people.employee)
    long_ago = timezone.now() - datetime.timedelta(days=4)
    Attachment.objects.filter(pk__in=[tied.pk, stale.pk]).update(uploaded_at=long_ago)
    paths = [Path(stale.file.path), Path(stale.thumbnail.path)]
    assert [path.exists() for path in paths] == [True, True]
    assert (drop_stale_uploads(), drop_stale_uploads()) == (1, 0)
    assert [path.exists() for path in paths] == [False, False]
    assert sorted(Attachment.objects.values_list("pk", flat=True)) == sorted([tied.pk, fresh.pk])
    assert Path(tied.file.path).exists()


def test_serving_is_a_download_that_cannot_run(people, sign_in):
    row = taken_by(people.employee)
    for url, size in ((f"/files/{row.pk}/", (64, 48)), (f"/files/{row.pk}/thumbnail/", (64, 48))):
        answer = sign_in(people.employee).get(url)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Disposition"] == f'attachment; filename="{row.receipt}.jpg"'
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"].startswith("private")
        assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).size == size


def test_who_sees_a_photo(people, client):
    hazard = a_hazard(people)
    orphan, tied = taken_by(people.employee), taken_by(people.employee)
    Attachment.attach([tied], hazard, purpose="before", by=people.employee)

    def status(user, row, tail=""):
        client.force_login(user)
        return client.get(f"/files/{row.pk}/{tail}").status_code

    seen = {name: status(getattr(people, name), tied) for name in ("employee", "safety", "inspector", "village", "outsider", "foreign")}
    assert seen == {"employee": 200, "safety": 200, "inspector": 200, "village": 200, "outsider": 404, "foreign": 404}
    assert status(people.outsider, tied, "thumbnail/") == 404
    assert status(people.employee, orphan) == 200
    assert [status(user, orphan) for user in (people.safety, people.admin, people.outsider)] == [404, 404, 404]
    client.logout()
    assert client.get(f"/files/{tied.pk}/").status_code == 302


def test_an_upload_sent_twice_gets_one_receipt(people, sign_in):
    uid, client = uuid.uuid4(), sign_in(people.employee)
    first, second = (client.post("/files/", {"uid": str(uid), "file": upload(encoded())}) for _ in range(2))
    row = Attachment.objects.get()
    assert first.status_code == second.status_code == 200
    expected = {"uid": str(uid), "receipt": row.receipt, "name": "现场.jpg", "url": f"/files/{row.pk}/thumbnail/"}
    assert first.json() == second.json() == expected


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"uid": "not-a-uid", "file": encoded()}, "没有收到照片,请重新选择后再传。"),
        ({"uid": str(uuid.uuid4())}, "没有收到照片,请重新选择后再传。"),
        ({"uid": str(uuid.uuid4()), "file": b"<svg/>"}, "“现场.jpg”不是 JPEG、PNG 或 WebP 照片,没有上传。"),
    ],
)
def test_an_upload_that_cannot_be_taken_says_why(people, sign_in, fields, sentence):
    data = {**fields, **({"file": upload(fields["file"])} if "file" in fields else {})}
    answer = sign_in(people.employee).post("/files/", data)
    assert (answer.status_code, answer.json()) == (422, {"error": sentence})
    assert Attachment.objects.count() == 0


def test_discarding_takes_back_only_ones_own_orphan(people, sign_in):
    hazard = a_hazard(people)
    orphan, tied = taken_by(people.employee), taken_by(people.employee)
    Attachment.attach([tied], hazard, purpose="before", by=people.employee)
    for user, row in ((people.outsider, orphan), (people.employee, tied)):
        assert sign_in(user).post(f"/files/{row.uid}/discard/").status_code == 204
    assert Attachment.objects.count() == 2
    path, client = Path(orphan.file.path), sign_in(people.employee)
    assert [client.post(f"/files/{orphan.uid}/discard/").status_code for _ in range(2)] == [204, 204]
    assert list(Attachment.objects.all()) == [tied]
    assert not path.exists()
