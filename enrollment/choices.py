"""The closed choices of a policy's terms, in the words of the policy files (design: domain 2.2, 4.2, 5.2)."""

from enum import StrEnum


class PriceClass(StrEnum):
    """Which personal standard applies: one for ALL, or one each for CHILD, ADULT and ELDER."""

    ALL = "ALL"
    CHILD = "CHILD"
    ADULT = "ADULT"
    ELDER = "ELDER"


class DebitShift(StrEnum):
    """What happens to a debit day that is not a working day."""

    NEXT_WORKDAY = "NEXT_WORKDAY"
    NONE = "NONE"


class LatePriceRule(StrEnum):
    """The price after the window: the same, or the full cost (personal + fiscal)."""

    SAME = "SAME"
    FULL_COST = "FULL_COST"


class LatePriceExempt(StrEnum):
    """Who keeps the personal standard where others pay the full cost."""

    NEWBORN = "NEWBORN"
    SWITCHER = "SWITCHER"


class InWindowAfterJan1(StrEnum):
    """Start of cover for a payment inside the window but in the benefit year itself."""

    RETRO_JAN1 = "RETRO_JAN1"
    PAY_DATE = "PAY_DATE"
    NEXT_DAY = "NEXT_DAY"
    NEXT_MONTH = "NEXT_MONTH"
    PAY_MONTH = "PAY_MONTH"


class SpecialStart(StrEnum):
    """Start of cover for a special group that pays after the window."""

    PAY_DATE = "PAY_DATE"
    NEXT_DAY = "NEXT_DAY"
    NEXT_MONTH = "NEXT_MONTH"
    PAY_MONTH = "PAY_MONTH"


class SwitchStart(StrEnum):
    """Start of cover for somebody whose employee cover stopped a short while ago."""

    PAY_DATE = "PAY_DATE"
    NEXT_DAY = "NEXT_DAY"
    NEXT_MONTH = "NEXT_MONTH"
    PAY_MONTH = "PAY_MONTH"
    RETRO_AFTER_STOP = "RETRO_AFTER_STOP"


class WaitRule(StrEnum):
    """How a wait of W months is counted from the payment date."""

    CIVIL = "CIVIL"
    ANNIV = "ANNIV"
    MONTH_INCL = "MONTH_INCL"
    MONTH_NEXT = "MONTH_NEXT"
    DAY90 = "DAY90"
    LEGACY = "LEGACY"


class BreakCountMode(StrEnum):
    """EXTRA: each missed year after the first adds a month; EACH: every missed year does."""

    EXTRA = "EXTRA"
    EACH = "EACH"


class NewbornUnit(StrEnum):
    """Unit of the newborn limit."""

    DAY = "DAY"
    MONTH = "MONTH"


class NewbornLate(StrEnum):
    """Start of cover for a newborn who is paid for after the limit."""

    NEXT_MONTH = "NEXT_MONTH"
    NEXT_DAY_TO_AGE1 = "NEXT_DAY_TO_AGE1"
    PLUS30 = "PLUS30"
    GENERAL = "GENERAL"


class NewbornCrossYear(StrEnum):
    """A child born shortly before the new year, paid for in the next one.

    SEPARATE: each year stands alone (Xi'an); BIRTH_YEAR_TOO: cover from birth needs the birth year to be
    paid as well (Guangxi 2018). The decision of each single year is the same; the counter tells the parents.
    """

    SEPARATE = "SEPARATE"
    BIRTH_YEAR_TOO = "BIRTH_YEAR_TOO"


class SpecialKind(StrEnum):
    """ANY: without an event date it stands, with one the days count; the others insist on one of the two."""

    ANY = "ANY"
    STANDING = "STANDING"
    EVENT = "EVENT"


class SubsidyKind(StrEnum):
    """Aid of everything, of a fixed amount of yuan, or of a percentage of the price."""

    FULL = "FULL"
    FIXED = "FIXED"
    PERCENT = "PERCENT"


class RefundCutoff(StrEnum):
    """From when cover counts as begun for a refund: the person's own start, or 1 January."""

    PERSON_START = "PERSON_START"
    YEAR_JAN1 = "YEAR_JAN1"


class RefundReason(StrEnum):
    """Reasons a region may list in after_start_reasons (design: domain 5.2, 5.3)."""

    DUP_PAY = "DUP_PAY"
    EMPLOYEE = "EMPLOYEE"
    OTHER_REGION = "OTHER_REGION"
    DEATH = "DEATH"
    AID_DIFF = "AID_DIFF"
    CLERK_ERROR = "CLERK_ERROR"
    BANK_ERROR = "BANK_ERROR"
    GRADE = "GRADE"
    STUDENT = "STUDENT"
    ARMY = "ARMY"
    EMIGRATE = "EMIGRATE"
    PRISON = "PRISON"
    LATE_MISTAKE = "LATE_MISTAKE"
    VOLUNTARY = "VOLUNTARY"
    NOT_ELIGIBLE_WHEN_PAID = "NOT_ELIGIBLE_WHEN_PAID"


class AidApplies(StrEnum):
    """Whether aid recognised after paying counts for this year or from the next."""

    THIS_YEAR = "THIS_YEAR"
    NEXT_YEAR = "NEXT_YEAR"


class CorrectionMode(StrEnum):
    """A clerk's error: refund all and pay again, or refund the difference."""

    FULL = "FULL"
    DIFFERENCE = "DIFFERENCE"
