"""Who is insured, and when: persons, enrolments, households, what is known of earlier cover, policies, cover.

Money lives in the payments app; here a payment is only a number that a row of cover points to.
"""

from enrollment.models.applications import EnrolmentApplication, PictureKind
from enrollment.models.changes import Change, ChangeKind
from enrollment.models.claims import ClaimYear
from enrollment.models.cover import Coverage
from enrollment.models.households import Household, HouseholdMember, Relation
from enrollment.models.known import Category, EmployeeSpell, PersonCategory, PriorCover, SpecialStatus
from enrollment.models.lists import Issuer, ListFile, ListKind, ListLease, ListLine, Outcome
from enrollment.models.persons import EMPLOYEE, RESIDENT, EndReason, Enrollment, Person, PersonClass
from enrollment.models.policies import Policy
from enrollment.models.policyruns import PolicyMove, PolicyRun
from enrollment.models.receipts import FormReceipt

__all__ = [
    "EMPLOYEE",
    "RESIDENT",
    "Category",
    "Change",
    "ChangeKind",
    "ClaimYear",
    "Coverage",
    "EmployeeSpell",
    "EndReason",
    "Enrollment",
    "EnrolmentApplication",
    "FormReceipt",
    "Household",
    "HouseholdMember",
    "Issuer",
    "ListFile",
    "ListKind",
    "ListLease",
    "ListLine",
    "Outcome",
    "Person",
    "PersonCategory",
    "PersonClass",
    "PictureKind",
    "Policy",
    "PolicyMove",
    "PolicyRun",
    "PriorCover",
    "Relation",
    "SpecialStatus",
]
