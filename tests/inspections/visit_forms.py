"""What the visit's pages are sent, and what they answer."""

import uuid

from django.urls import reverse

from inspections.forms.answers import mark
from tests.inspections import course
from tests.inspections.course import later

HTMX = {"HX-Request": "true"}


def page(client, name, *args, status=200, **query):
    """The text of a page."""
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == status, response.headers.get("Location")
    return response.content.decode()


def plan(people, **changes):
    """What the planning form sends."""
    data = {"client_id": str(uuid.uuid4()), "kind": "planned", "planned_on": later(3).isoformat(), "basis": "年度计划", "content": "查现场"}
    return {**data, "officers": [people.inspector.pk, people.inspector2.pk], **changes}


def post_plan(client, people, enterprise=None, **changes):
    """Send the planning form."""
    url = reverse("inspection_new") + f"?enterprise={(enterprise or people.factory).pk}"
    return client.post(url, plan(people, **changes))


def fill(client, row, status=200, htmx=True, **fields):
    """Send inputs of the filling page; a_1="pass" stands for a-1."""
    data = {name.replace("_", "-", 1) if name[1] == "_" else name: value for name, value in fields.items()}
    response = client.post(reverse("inspection_fill", args=[row.pk]), data, headers=HTMX if htmx else {})
    assert response.status_code == status
    return response.content.decode() if htmx else response


def sign(client, row, **changes):
    """Send the first signature."""
    row.refresh_from_db()
    data = {
        "client_id": str(uuid.uuid4()),
        "version": row.version,
        "party_name": "张厂长",
        "party_post": "厂长",
        "party_opinion": "属实",
    }
    if "signature_ids" not in changes and "refusal" not in changes:
        changes["signature_ids"] = str(course.photo(changes.pop("by")).uid)
    changes.pop("by", None)
    return client.post(reverse("inspection_sign", args=[row.pk]), {**data, **changes})


def countersign(client, row, **changes):
    """Send the second signature."""
    row.refresh_from_db()
    data = {"client_id": str(uuid.uuid4()), "version": row.version, "step": "countersign"}
    return client.post(reverse("inspection_sign", args=[row.pk]), {**data, **changes})


def mark_of(row, position):
    """The mark of what stands in an item."""
    return mark(row.items.get(position=position).content())


def mark_of_pass():
    """The mark of an item that passed."""
    return mark({"result": "pass", "note": ""})
