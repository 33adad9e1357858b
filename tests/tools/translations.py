"""The Chinese catalogue: what there is to translate, what is missing, and the compiled file.

``python -m tests.tools.translations`` rewrites the .po (new texts come with an empty translation, gone ones leave) and the .mo,
and lists what has no Chinese yet. GNU gettext is not needed: Django's own reader of templates and babel do the work.
"""

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import django
import unfold
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
PO = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
UNFOLD = Path(unfold.__file__).resolve().parent
APPS = ("bureau", "enrollment", "payments", "refunds")
KEYWORDS = {
    "_": None, "_now": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
# Texts that are values of a keyword: why history was written, what a check of the books says.
_VALUES = re.compile(r'\b(?:why|title)=("(?:[^"\\]|\\.)+")')
_CALL = re.compile(
    r"""\b(?:gettext|_|ngettext|pgettext|npgettext)\("""
    r"""(?:[^()'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*\)"""
)
# The same catalogue gives the same bytes on any day.
_NO_DATE = datetime(2025, 1, 1, tzinfo=UTC)
_FRONTS = ("contrib", "unfold_crispy")
Message = tuple[str | None, str | tuple[str, str]]


def _python(text: str) -> Iterator[Message]:
    found = extract_python(io.BytesIO(text.encode()), list(KEYWORDS), [], {"encoding": "utf-8"})
    for _line, name, arguments, _comments in found:
        spec = KEYWORDS.get(name)
        given = arguments if isinstance(arguments, tuple) else (arguments,)
        if name.startswith(("pgettext", "npgettext")):
            if isinstance(given[0], str) and isinstance(given[1], str):
                plural = given[2] if name.startswith("np") else None
                yield given[0], (given[1], plural) if isinstance(plural, str) else given[1]
        elif spec is not None:
            if isinstance(given[0], str) and isinstance(given[1], str):
                yield None, (given[0], given[1])
        elif isinstance(given[0], str) and given[0]:
            yield None, given[0]


def _template(text: str) -> Iterator[Message]:
    # Templatize leaves calls of gettext among blanked-out text; without indentation it reads as Python.
    calls = "\n".join(line.strip() for line in templatize(text).splitlines())
    for found in _CALL.finditer(calls):
        yield from _python(found.group())


def messages_of(path: Path) -> Iterator[Message]:
    """The texts of one source file or template, with their context."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        yield from _template(text)
        return
    yield from _python(text)
    for found in _VALUES.finditer(text):
        value = found.group(1)[1:-1]
        if " " in value or value.isalpha():
            yield None, value


def our_sources() -> list[Path]:
    """Our Python files and templates."""
    files = [
        path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts
    ]
    return files + sorted((ROOT / "templates").rglob("*.html"))


def unfold_sources() -> list[Path]:
    """Unfold's own, without the extras for packages that are not installed here."""
    files = [*sorted(UNFOLD.rglob("*.py")), *sorted((UNFOLD / "templates").rglob("*.html"))]
    return [path for path in files if not set(_FRONTS) & set(path.relative_to(UNFOLD).parts)]


@cache
def django_has() -> frozenset[str]:
    """What Django's own Chinese catalogues translate."""
    root = Path(django.__file__).resolve().parent
    files = [root / "conf/locale/zh_Hans", *root.glob("contrib/*/locale/zh_Hans")]
    found: set[str] = set()
    for folder in files:
        path = folder / "LC_MESSAGES" / "django.mo"
        if path.exists():
            with path.open("rb") as source:
                catalog = read_mo(source)
            found |= {one.id if isinstance(one.id, str) else one.id[0] for one in catalog if one.id}
    return frozenset(found)


def wanted() -> dict[Message, str]:
    """Every text of ours, and every text of unfold's that Django leaves in English, with the first file that has it."""
    found: dict[Message, str] = {}
    for path in our_sources():
        for message in messages_of(path):
            found.setdefault(message, path.relative_to(ROOT).as_posix())
    for path in unfold_sources():
        for message in messages_of(path):
            first = message[1] if isinstance(message[1], str) else message[1][0]
            if first not in django_has():
                found.setdefault(message, "unfold")
    return found


def catalogue() -> Catalog:
    """The catalogue as it is stored."""
    with PO.open("rb") as source:
        return read_po(source, locale="zh_Hans")


def fresh(known: Catalog, texts: dict[Message, str]) -> Catalog:
    """A catalogue of exactly ``texts`` with the translations of ``known``."""
    made = Catalog(
        locale="zh_Hans", project="bureau", version="1", charset="utf-8", fuzzy=False, creation_date=known.creation_date,
        revision_date=known.revision_date, language_team="bureau", last_translator="bureau", copyright_holder="bureau",
        msgid_bugs_address="", header_comment="# Simplified Chinese of the back office.",
    )  # fmt: skip
    for (context, text), place in sorted(texts.items(), key=lambda one: (str(one[0][1]), one[0][0] or "")):
        first = text[0] if isinstance(text, tuple) else text
        before = known.get(first, context)
        flags = {"python-format"} if re.search(r"%\(\w+\)|%%", str(text)) else set()
        made.add(
            text, before.string if before else None, locations=[(place, None)], flags=flags, context=context
        )
    return made


def po_bytes(made: Catalog) -> bytes:
    """The .po as it is stored: sorted, unwrapped, without dates that change."""
    target = io.BytesIO()
    write_po(target, made, width=0, sort_output=False, ignore_obsolete=True)
    lines = target.getvalue().decode().splitlines(keepends=True)
    return "".join(
        line for line in lines if not line.startswith(('"POT-Creation-Date', '"PO-Revision-Date'))
    ).encode()


def mo_bytes(made: Catalog) -> bytes:
    """The compiled catalogue."""
    made.creation_date = made.revision_date = _NO_DATE
    target = io.BytesIO()
    write_mo(target, made)
    return target.getvalue()


def untranslated(made: Catalog) -> list[str]:
    """Texts without Chinese."""
    return [
        str(one.id)
        for one in made
        if one.id and not (all(one.string) if isinstance(one.string, tuple) else one.string)
    ]


def main() -> int:
    """Rewrite both files; the exit code says whether anything lacks its Chinese."""
    known = catalogue() if PO.exists() else Catalog(locale="zh_Hans")
    made = fresh(known, wanted())
    PO.write_bytes(po_bytes(made))
    MO.write_bytes(mo_bytes(catalogue()))
    missing = untranslated(made)
    print(f"{len(made)} texts, {len(missing)} without Chinese")
    for text in missing:
        print(repr(text))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
