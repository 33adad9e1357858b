"""All damage."""

from tests.payments.plants import links, money, papers, people

ALL = [
    *money.MONEY,
    *money.AMOUNTS,
    *money.DAYS,
    *people.PEOPLE,
    *people.MOVES,
    *people.GUARDS,
    *people.IDENTITY,
    *people.HISTORY,
    *people.STUCK,
    *people.REGIONS,
    *links.COVER,
    *links.HOLDS,
    *links.REFERENCES,
    *papers.VOUCHERS,
]
