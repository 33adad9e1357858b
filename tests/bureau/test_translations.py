"""The Chinese catalogue: complete, compiled, and true to the placeholders."""

import re

import pytest
from django.utils.translation import gettext, override

from tests.tools import translations

CHINESE = re.compile(r"[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
# The same in both languages.
SAME = {"SHA-256", "Id"}


def test_nothing_of_ours_or_of_unfold_lacks_its_chinese() -> None:
    """Run ``python -m tests.tools.translations`` and fill in what it lists."""
    made = translations.fresh(translations.catalogue(), translations.wanted())
    assert translations.untranslated(made) == []


def test_the_catalogue_holds_exactly_what_is_used() -> None:
    """The stored file is what the tool writes."""
    made = translations.fresh(translations.catalogue(), translations.wanted())
    assert translations.po_bytes(made) == translations.PO.read_bytes()


def test_the_compiled_file_is_in_step() -> None:
    """What Django reads is what people edit."""
    assert translations.MO.read_bytes() == translations.mo_bytes(translations.catalogue())


def test_translations_are_chinese_and_keep_their_placeholders() -> None:
    """No English left over, no placeholder lost or invented."""
    names = re.compile(r"%\((\w+)\)s|\{(\w*)\}")
    for message in translations.catalogue():
        if message.id:
            text = message.id if isinstance(message.id, str) else message.id[1]
            said = message.string if isinstance(message.string, str) else message.string[0]
            assert text in SAME or CHINESE.search(said), text
            assert set(names.findall(said)) == set(names.findall(text)), text


def test_django_reads_it() -> None:
    """One of ours, one of unfold's."""
    with override("zh-hans"):
        assert gettext("Work items") == "待办事项"
        assert gettext("Welcome back to") == "欢迎使用"
    with override("en"):
        assert gettext("Work items") == "Work items"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% translate "One" %}', {(None, "One")}),
        (
            "{% blocktranslate count n=x %}one {{ n }}{% plural %}{{ n }} many{% endblocktranslate %}",
            {(None, ("one %(n)s", "%(n)s many"))},
        ),
        ("<a title=\"{% trans 'Two' %}\">it's</a>", {(None, "Two")}),
    ],
)
def test_the_reader_of_templates(tmp_path, source: str, found: set) -> None:  # type: ignore[no-untyped-def, type-arg]
    """Tags in text, in attributes, with plurals."""
    path = tmp_path / "a.html"
    path.write_text(source)
    assert set(translations.messages_of(path)) == found
