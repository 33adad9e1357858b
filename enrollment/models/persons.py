"""Persons and their enrolments."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Collate, Left, Length, Right
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bureau import audit
from bureau.models import Region
from bureau.references import kept, refers
from enrollment.states import ENROLLMENT_MOVES, EnrollmentState

RESIDENT, EMPLOYEE = "390", "310"
DIGITS, LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def consists_of(text: F | Func, places: str) -> Q:
    """The condition that ``text`` has no character but those of ``places``."""
    return Q(Exact(Func(text, Value(places), function="rtrim", output_field=models.CharField()), Value("")))


class PersonClass(models.TextChoices):
    """psn_type of the national platform."""

    NEWBORN = "1401", _("newborn")
    PRESCHOOL = "1402", _("pre-school child")
    PUPIL = "1403", _("pupil")
    STUDENT = "1404", _("university student")
    MINOR = "1405", _("minor not at school")
    AIDED_MINOR = "1406", _("aided pupil or child")
    ADULT = "1501", _("adult resident")
    ELDER = "1601", _("elderly resident")
    RESIDENT = "1701", _("resident")


class Person(models.Model):
    """A human being, once in the whole register, whatever the regions of the enrolments."""

    class Gender(models.TextChoices):
        UNKNOWN = "0", _("unknown")
        MALE = "1", _("male")
        FEMALE = "2", _("female")
        NOT_STATED = "9", _("not stated")

    id_type = models.CharField(_("ID type"), max_length=6, default="01")
    id_number = models.CharField(_("ID number"), max_length=40)
    id_alias = models.CharField(_("old ID number"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=80)
    gender = models.CharField(_("gender"), max_length=1, choices=Gender.choices, default=Gender.UNKNOWN)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    death_date = models.DateField(_("date of death"), null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    person_class = models.CharField(_("person class"), max_length=4, choices=PersonClass.choices)
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    created_at = models.DateTimeField(_("registered at"))
    initials = models.CharField(_("pinyin initials"), max_length=80, blank=True, db_default="")
    version = models.PositiveIntegerField(_("version"), default=0, db_default=0)
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="former",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = pgettext_lazy("register", "persons")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["region", "id"], name="person_region_page"),
            # Only live records, so that a page of a search is read from the index alone.
            models.Index(
                "region",
                Collate("name", "C"),
                "id",
                condition=Q(merged_into__isnull=True),
                name="person_look_name",
            ),
            models.Index(
                "region",
                Collate("initials", "C"),
                "id",
                condition=Q(merged_into__isnull=True),
                name="person_look_initials",
            ),
            models.Index(Right("id_number", 4), Collate("name", "C"), "id", name="person_look_four"),
            models.Index(fields=["phone"], condition=~Q(phone=""), name="person_look_phone"),
            models.Index(fields=["id_alias"], condition=~Q(id_alias=""), name="person_look_alias"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="person_merged_into"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_type", "id_number"],
                name="person_id_number_once",
                violation_error_message=_("A person with this ID number is already registered."),
            ),
            # A pattern costs PostgreSQL 2 microseconds a row, and lists bring rows by the hundred thousand.
            models.CheckConstraint(
                condition=~Q(id_number="") & consists_of(F("id_number"), f"{DIGITS}{LETTERS}/()-"),
                name="person_id_number_normal",
                violation_error_message=_("The ID number is not in its normal form."),
            ),
            models.CheckConstraint(
                condition=~Q(id_type="01")
                | Q(Exact(Length("id_number"), 18))
                & ~Q(id_number__startswith="0")
                & consists_of(Left("id_number", 17), DIGITS)
                & consists_of(F("id_number"), f"{DIGITS}X"),
                name="person_id_card_format",
                violation_error_message=_("A resident ID card number has 18 characters."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="person_has_name"),
            models.CheckConstraint(
                condition=Q(death_date__isnull=True)
                | Q(birth_date__isnull=True)
                | Q(death_date__gte=F("birth_date")),
                name="person_life_order",
                violation_error_message=_("Nobody dies before being born."),
            ),
            models.CheckConstraint(
                condition=Q(person_class__in=PersonClass.values), name="person_class_known"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="person_not_into_itself",
                violation_error_message=_("A record cannot be merged into itself."),
            ),
        ]
        triggers = [
            *kept("enrollment_person"),
            *refers("enrollment_person", "region", "bureau_region", "code", shared=True),
            *refers("enrollment_person", "merged_into", "enrollment_person"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class EndReason(models.TextChoices):
    """Why an enrolment ended (domain.md 5.3 and the register's own reasons)."""

    DEATH = "DEATH", _("death")
    MOVED = "MOVED", _("moved away")
    EMPLOYEE = "EMPLOYEE", _("joined the employee scheme")
    EMIGRATED = "EMIGRATED", _("emigrated")
    ARMY = "ARMY", _("joined the army")
    PRISON = "PRISON", _("in prison")
    TRANSFER = "TRANSFER", _("transferred to another pooling region")
    MERGED = "MERGED", _("merged with another record")
    MISTAKE = "MISTAKE", _("enrolled by mistake")
    OTHER = "OTHER", _("other reason")


class Enrollment(models.Model):
    """A registration (参保登记) of a person in a scheme of a pooling region."""

    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="enrollments",
        db_constraint=False,
    )
    region = models.ForeignKey(
        Region,
        verbose_name=_("pooling region"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    scheme = models.CharField(
        _("scheme"),
        max_length=3,
        choices=[(RESIDENT, _("residents")), (EMPLOYEE, _("employees"))],
        default=RESIDENT,
    )
    state = models.CharField(
        _("state"),
        max_length=1,
        default=EnrollmentState.ENROLLED.value,
        choices=[
            (EnrollmentState.NOT_ENROLLED.value, _("not enrolled")),
            (EnrollmentState.ENROLLED.value, _("enrolled")),
            (EnrollmentState.SUSPENDED.value, _("suspended")),
            (EnrollmentState.ENDED.value, _("ended")),
        ],
    )
    started_on = models.DateField(_("enrolled on"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = models.CharField(
        _("why it ended"), max_length=10, blank=True, choices=EndReason.choices, db_default=""
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["id"]
        indexes = [models.Index(fields=["region", "scheme", "person"], name="enrollment_region_scheme")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "scheme", "region"],
                condition=Q(state__in=["0", "1", "2"]),
                name="enrollment_one_live",
                violation_error_message=_(
                    "This person already has a live enrolment in this scheme and region."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["0", "1", "2", "4"]), name="enrollment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(scheme__in=[RESIDENT, EMPLOYEE]), name="enrollment_scheme_known"
            ),
            models.CheckConstraint(
                condition=Q(state="4", ended_on__isnull=False) | (~Q(state="4") & Q(ended_on__isnull=True)),
                name="enrollment_end_evidence",
                violation_error_message=_("An ended enrolment, and only that, has an end date."),
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="enrollment_order",
                violation_error_message=_("An enrolment ends after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(end_reason="") | Q(state="4", end_reason__in=EndReason.values),
                name="enrollment_end_reason_known",
                violation_error_message=_("Only an ended enrolment says why it ended."),
            ),
        ]
        triggers = [
            audit.moves_guard("enrollment_enrollment", ENROLLMENT_MOVES),
            *refers("enrollment_enrollment", "region", "bureau_region", "code", shared=True),
            *refers("enrollment_enrollment", "person", "enrollment_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.region_id} {self.scheme}"


for _model in (Person, Enrollment):
    audit.track(_model, indexed=False)
