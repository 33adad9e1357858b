"""Who somebody is: certificate, name, birth and sex in their normal form, and whether the register knows them."""

import re
import unicodedata
from datetime import date
from typing import NamedTuple

from django.db.models.functions import Collate

from bureau import access
from bureau.errors import BureauError, gettext_noop
from bureau.identity import RESIDENT, SEX_UNKNOWN, IdFormat, check_id, mask_id
from bureau.models import Region, User
from bureau.names import BLANKS, MIDDLE_DOT, MIDDLE_DOTS, private_use_twins
from enrollment.models import Enrollment, Person

LONGEST_NAME = 80
_NORMAL = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ/()-")
_NAME_TABLE = str.maketrans(MIDDLE_DOTS, MIDDLE_DOT * len(MIDDLE_DOTS))
_TWIN_TABLE = str.maketrans(private_use_twins())
# Most names: ideographs of the one block that no form of Unicode changes, and no blank or dot.
_PLAIN = re.compile(rf"[\u4e00-\u9fff]{{1,{LONGEST_NAME}}}")
_AROUND_DOT = re.compile(rf"\s*{MIDDLE_DOT}\s*")
# Control and format characters turn a line round or hide in it (design: reliability B46).
_HIDDEN = frozenset({"Cc", "Cf", "Cs"})


class PersonExists(BureauError):
    """The certificate is in the register; people move, so it may be in another region."""

    code = "PERSON_EXISTS"
    message = gettext_noop("A person with this ID number is already registered.")


class PersonExistsHere(PersonExists):
    """As above, in a region of the asker, who may know who it is."""

    message = gettext_noop(
        "A person with this ID number is already registered: %(name)s, %(region)s, No. %(person)s."
    )


class PersonUnknown(BureauError):
    """Nobody in the asker's regions has this certificate."""

    code = "PERSON_UNKNOWN"
    message = gettext_noop("Nobody in your regions is registered with this ID number.")


class PersonTwin(BureauError):
    """Somebody of this name and birth is registered under another number: perhaps the same human."""

    code = "PERSON_TWIN"
    message = gettext_noop(
        "%(name)s, born %(birth)s, is registered already (%(number)s, %(region)s, No. %(person)s). "
        "Is this somebody else? Then confirm it."
    )


class PersonNameMissing(BureauError):
    """Nobody is registered without a name."""

    code = "PERSON_NAME_MISSING"
    message = gettext_noop("Please give the name.")


class PersonNameCharacters(BureauError):
    """Characters that nobody can see."""

    code = "PERSON_NAME_CHARACTERS"
    message = gettext_noop("The name holds a character that cannot be seen or printed; type it anew.")


class PersonNameLong(BureauError):
    """Longer than any certificate prints."""

    code = "PERSON_NAME_LONG"
    message = gettext_noop("A name has at most %(most)s characters.")


class BirthDateDiffers(BureauError):
    """The given date of birth is not the one inside the ID number."""

    code = "PERSON_BIRTH_DIFFERS"
    message = gettext_noop("The date of birth is not the one inside the ID number.")


class BirthDateMissing(BureauError):
    """A certificate that tells no date of birth needs one beside it: price and cover depend on it."""

    code = "PERSON_BIRTH_MISSING"
    message = gettext_noop("Please give the date of birth: this certificate does not tell it.")


class BirthDateFuture(BureauError):
    """Nobody is registered before being born."""

    code = "PERSON_BIRTH_FUTURE"
    message = gettext_noop("The date of birth lies in the future.")


class Identity(NamedTuple):
    """What a certificate and the name beside it say, checked and in their normal form."""

    id_type: str
    id_number: str
    id_alias: str
    name: str
    birth_date: date
    gender: str


def plain_name(text: str) -> str:
    """A name as it is stored: NFKC, one middle dot, single blanks, nothing that cannot be seen.

    Raises PersonNameMissing, PersonNameCharacters, PersonNameLong.
    """
    if _PLAIN.fullmatch(text):
        return text
    told = text.translate(_TWIN_TABLE).strip(BLANKS)
    folded = unicodedata.normalize("NFKC", told).translate(_NAME_TABLE)
    if any(unicodedata.category(char) in _HIDDEN for char in folded):
        raise PersonNameCharacters()
    name = _AROUND_DOT.sub(MIDDLE_DOT, " ".join(folded.split()))
    if not name:
        raise PersonNameMissing()
    if len(name) > LONGEST_NAME:
        raise PersonNameLong(most=LONGEST_NAME)
    return name


def check_number(id_type: str, id_number: str, *, today: date) -> str:
    """The number of a certificate in the form in which the register has it. Raises a subclass of
    IdNumberError.
    """
    number = check_id(id_type, id_number, today=today).number
    if id_type != RESIDENT and not _NORMAL.issuperset(number):
        raise IdFormat(id_type=id_type)
    return number


def identify(
    *,
    id_type: str,
    id_number: str,
    name: str,
    today: date,
    birth_date: date | None = None,
    gender: str = Person.Gender.UNKNOWN,
) -> Identity:
    """Check a certificate, a name, and the birth date and sex beside them, without looking anything up.

    Raises a subclass of IdNumberError, PersonNameMissing, PersonNameCharacters, PersonNameLong,
    BirthDateDiffers, BirthDateMissing, BirthDateFuture.
    """
    facts = check_id(id_type, id_number, today=today)
    if id_type != RESIDENT and not _NORMAL.issuperset(facts.number):
        raise IdFormat(id_type=id_type)
    birth = _birth(facts.birth, birth_date, today)
    sex = gender if facts.sex == SEX_UNKNOWN else facts.sex
    return Identity(id_type, facts.number, facts.alias, plain_name(name), birth, sex)


def found_by_number(id_type: str, id_number: str) -> Person | None:
    """The person with this certificate (a number in its normal form), today's or a former one; where the
    record was merged, the one into which it went.
    """
    same = Person.objects.select_related("merged_into", "region")
    person = same.filter(id_type=id_type, id_number=id_number).order_by("pk").first()
    if person is None:
        person = same.filter(id_alias=id_number).exclude(id_alias="").order_by("pk").first()
    return person if person is None or person.merged_into is None else person.merged_into


def refuse_known(id_type: str, id_number: str, *, by: User, but: int | None = None) -> None:
    """Raise PersonExists where somebody else than person ``but`` has the certificate; says who and where only
    in the asker's regions.
    """
    person = found_by_number(id_type, id_number)
    if person is None or person.pk == but:
        return
    if visible_to(person, by):
        raise PersonExistsHere(name=person.name, region=person.region.name, person=person.pk)
    raise PersonExists()


def known_to(id_type: str, id_number: str, *, by: User) -> Person:
    """The person with this certificate in the asker's regions; raises PersonUnknown."""
    person = found_by_number(id_type, id_number)
    if person is None or not visible_to(person, by):
        raise PersonUnknown()
    return person


def visible_to(person: Person, by: User) -> bool:
    """Whether the person is registered or enrolled in a region of ``by``."""
    if access.in_scope(by, person.region_id):
        return True
    return access.for_user(Enrollment.objects.filter(person=person), by).exists()


def refuse_twin(known: Identity, by: User) -> None:
    # Region by region, which is how names are indexed (person_look_name).
    same = Person.objects.annotate(word=Collate("name", "C")).filter(
        region__in=Region.objects.all(), word=known.name, birth_date=known.birth_date, merged_into=None
    )
    twin = access.for_user(same, by).select_related("region").order_by("pk").first()
    if twin is not None:
        raise PersonTwin(
            name=twin.name,
            birth=known.birth_date.isoformat(),
            number=mask_id(twin.id_number),
            region=twin.region.name,
            person=twin.pk,
        )


def _birth(told: date | None, given: date | None, today: date) -> date:
    """The date of birth that the number tells, else the one given beside it."""
    if told is not None and given not in (None, told):
        raise BirthDateDiffers()
    birth = told or given
    if birth is None:
        raise BirthDateMissing()
    if birth > today:
        raise BirthDateFuture()
    return birth
