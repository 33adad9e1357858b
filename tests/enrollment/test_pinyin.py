"""Pinyin initials: as a clerk types a name, surnames by their own reading."""

import pytest

from enrollment.models import Person
from enrollment.pinyin import initials
from enrollment.services.initials import fill_missing
from tests import builders


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("张三", "zs"),
        ("欧阳娜娜", "oynn"),
        ("阿依古丽·买买提", "ayglmmt"),
        ("𠮷田", "t"),
        ("Anna-Maria O'Neil", "ao"),
        ("Ｏｌａｆ Öz", "oo"),
        ("阿Q", "aq"),
        ("", ""),
        ("·", ""),
    ],
)
def test_each_character_gives_the_first_letter_of_its_reading(name: str, wanted: str) -> None:
    """Dots, blanks and characters without a reading are left out; a Latin word gives one letter."""
    assert initials(name) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("曾国藩", "zgf"),
        ("单雄信", "sxx"),
        ("解缙", "xj"),
        ("仇英", "qy"),
        ("区大相", "odx"),
        ("查良镛", "zly"),
        ("朴正", "pz"),
        ("覃小明", "qxm"),
        ("尉迟恭", "ycg"),
        ("尉缭", "wl"),
        ("万俟咏", "mqy"),
        ("单于明", "cym"),
        ("长孙无忌", "zswj"),
    ],
)
def test_a_surname_has_its_own_reading(name: str, wanted: str) -> None:
    """Only in front of the name, and double surnames as a whole."""
    assert initials(name) == wanted


def test_a_character_is_read_as_a_surname_only_in_front() -> None:
    """曾 behind a surname is the word for once."""
    assert initials("张曾") == "zc"


def test_a_long_name_is_cut_to_the_column() -> None:
    """Eighty characters, as many as a name has."""
    assert initials("张" * 90) == "z" * 80


@pytest.mark.django_db
def test_missing_initials_are_filled_batch_by_batch() -> None:
    """Who has them keeps them; a name without a reading does not hold up the rest."""
    people = [
        builders.make_person(name="张三"),
        builders.make_person(name="·"),
        builders.make_person(name="李四"),
    ]
    kept = builders.make_person(name="王五", initials="kept")
    last, filled = fill_missing(size=2)
    assert (last, filled) == (people[1].pk, 1)
    assert fill_missing(after=last, size=2) == (people[2].pk, 1)
    assert fill_missing(after=people[2].pk) == (0, 0)
    assert list(Person.objects.order_by("pk").values_list("initials", flat=True)) == ["zs", "", "ls", "kept"]
    assert kept.initials == "kept"
