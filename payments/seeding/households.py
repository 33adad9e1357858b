"""Generated households: who of the generated people live together, and where.

Children live with grown-ups, of their own family name where there are some; a man and a woman next to each other
are a couple; old people live with grown children or on their own. Nobody is left over.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from payments.seeding.names import MALE, surname_of
from payments.seeding.people import PersonRow

TOWNS = ("城关镇", "东风街道", "新塘镇", "石龙镇", "大岭乡", "桥圩镇")
VILLAGES = ("永兴村", "太平村", "新安社区", "大塘村", "和平社区", "龙山村", "双桥村", "石井村")
MOST_CHILDREN = 3
HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD = "HEAD", "SPOUSE", "CHILD", "PARENT", "GRANDCHILD"


@dataclass(slots=True)
class Home:
    """A household of a county; members by their place in the chunk, the head first."""

    county: str
    members: list[tuple[int, str]]
    children: int = 0
    town: str = ""
    village: str = ""
    house: int = 0
    phone: str = ""


def households(chunk: Sequence[PersonRow], key: str) -> list[Home]:
    """Everybody of ``chunk`` in one household; the same chunk and key give the same households."""
    draw = Random(f"households/{key}")  # noqa: S311 - a rehearsal's people, not secrets
    by_county: dict[str, list[int]] = defaultdict(list)
    for place, person in enumerate(chunk):
        by_county[person.county].append(place)
    homes: list[Home] = []
    for county, places in by_county.items():
        homes.extend(_county(chunk, county, places))
    for number, home in enumerate(homes):
        home.town = TOWNS[int(draw.random() * len(TOWNS))]
        home.village = VILLAGES[int(draw.random() * len(VILLAGES))]
        home.house = 1 + number % 400
        home.phone = f"13{int(draw.random() * 10**9):09d}"
    return homes


def _county(chunk: Sequence[PersonRow], county: str, places: Sequence[int]) -> list[Home]:
    grown = [place for place in places if chunk[place].person_class in ("1501", "1701")]
    old = [place for place in places if chunk[place].person_class == "1601"]
    young = [place for place in places if chunk[place].person_class.startswith("14")]
    homes = _couples(chunk, county, grown)
    by_name = _by_surname(chunk, homes)
    alone: list[int] = []
    for place in old:
        near = by_name.get(surname_of(chunk[place].name))
        home = near[place % len(near)] if near else None
        if home is not None and place % 3 == 0:
            home.members.append((place, PARENT))
        else:
            alone.append(place)
    homes.extend(_couples(chunk, county, alone))
    by_name = _by_surname(chunk, homes)
    if not homes and young:
        eldest = min(young, key=lambda place: chunk[place].birth)
        homes.append(Home(county, [(eldest, HEAD)]))
        young = [place for place in young if place != eldest]
    for turn, place in enumerate(young):
        _place_child(chunk, homes, by_name, turn, place)
    return homes


def _couples(chunk: Sequence[PersonRow], county: str, places: Sequence[int]) -> list[Home]:
    """Neighbours of different sex as couples, the others on their own."""
    homes, turn = [], 0
    while turn < len(places):
        one = places[turn]
        two = places[turn + 1] if turn + 1 < len(places) else None
        if two is not None and chunk[one].gender != chunk[two].gender:
            head, spouse = (one, two) if chunk[one].gender == MALE else (two, one)
            homes.append(Home(county, [(head, HEAD), (spouse, SPOUSE)]))
            turn += 2
        else:
            homes.append(Home(county, [(one, HEAD)]))
            turn += 1
    return homes


def _by_surname(chunk: Sequence[PersonRow], homes: Sequence[Home]) -> dict[str | None, list[Home]]:
    found: dict[str | None, list[Home]] = defaultdict(list)
    for home in homes:
        found[surname_of(chunk[home.members[0][0]].name)].append(home)
    return dict(found)


def _place_child(
    chunk: Sequence[PersonRow],
    homes: Sequence[Home],
    by_name: dict[str | None, list[Home]],
    turn: int,
    place: int,
) -> None:
    """With people of the family name who have room, else with anybody."""
    near = by_name.get(surname_of(chunk[place].name), [])
    turned = (near[(turn + step) % len(near)] for step in range(len(near)))
    home = next((one for one in turned if one.children < MOST_CHILDREN), None)
    if home is None:
        home = min((homes[(turn + step) % len(homes)] for step in range(8)), key=lambda one: one.children)
    head = chunk[home.members[0][0]]
    home.members.append((place, GRANDCHILD if head.person_class == "1601" else CHILD))
    home.children += 1
