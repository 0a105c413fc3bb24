"""What becomes public of a draw in somebody's own words holds no personal numbers."""

import pytest
from django.core.exceptions import ValidationError

from inspections.forms.draws import AskChangeForm, AskVoidForm, ConfigureForm
from inspections.forms.pools import ExclusionForm

NUMBER = "联系人13812345678"
PUBLIC = [(ConfigureForm, name) for name in ("title", "public_event", "redraw_reason")]
PUBLIC += [(AskChangeForm, "note"), (AskVoidForm, "note"), (ExclusionForm, "reason")]


@pytest.mark.parametrize(("form", "name"), PUBLIC)
def test_words_that_become_public_take_no_personal_numbers(form, name):
    field = form.base_fields[name]
    with pytest.raises(ValidationError, match="手机号,请先遮盖"):
        field.clean(NUMBER)
    assert field.clean("企业已搬迁") == "企业已搬迁"
