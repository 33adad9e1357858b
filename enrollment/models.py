"""Who is insured, and when: persons, enrolments, categories, what is known of earlier cover, policies, cover.

Money lives in the payments app; here a payment is only a number that a row of cover points to.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from bureau.partitions import YearPartition
from enrollment.policy import Terms
from enrollment.states import ENROLLMENT_MOVES, POLICY_MOVES, EnrollmentState, PolicyState

RESIDENT, EMPLOYEE = "390", "310"
YEARS = Q(benefit_year__gte=2000, benefit_year__lte=2199)


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


class Category(models.TextChoices):
    """Identity categories that bring aid (domain.md 2.3)."""

    TEKUN = "TEKUN", _("destitute")
    ORPHAN = "ORPHAN", _("orphan or de facto unsupported child")
    DIBAO = "DIBAO", _("low income")
    ZHONGCAN = "ZHONGCAN", _("severe disability")
    MONITORED = "MONITORED", _("monitored against return to poverty")


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
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("registered at"))

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["region", "id"], name="person_region_page"),
            models.Index(fields=["name", "id"], name="person_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["id_type", "id_number"],
                name="person_id_number_once",
                violation_error_message=_("A person with this ID number is already registered."),
            ),
            models.CheckConstraint(
                condition=Q(id_number__regex=r"^[0-9A-Z/()\-]{1,40}$"),
                name="person_id_number_normal",
                violation_error_message=_("The ID number is not in its normal form."),
            ),
            models.CheckConstraint(
                condition=~Q(id_type="01") | Q(id_number__regex=r"^[1-9][0-9]{16}[0-9X]$"),
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
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Enrollment(models.Model):
    """A registration (参保登记) of a person in a scheme of a pooling region."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="enrollments"
    )
    region = models.ForeignKey(
        Region, verbose_name=_("pooling region"), on_delete=models.PROTECT, related_name="+"
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
        ]
        triggers = [audit.moves_guard("enrollment_enrollment", ENROLLMENT_MOVES)]

    def __str__(self) -> str:
        return f"{self.person_id} {self.region_id} {self.scheme}"


class PersonCategory(models.Model):
    """An identity category of a person, half-open in time, from a list of civil affairs or another body."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="categories"
    )
    category = models.CharField(_("category"), max_length=20, choices=Category.choices)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to (exclusive)"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("identity category")
        verbose_name_plural = _("identity categories")
        ordering = ["person", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="category_order",
                violation_error_message=_("A category ends after it begins."),
            ),
            models.UniqueConstraint(fields=["person", "category", "valid_from"], name="category_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.category}"


class SpecialStatus(models.Model):
    """A status or event that may lift the waiting period (special group of domain.md 4.2 row 6)."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="specials"
    )
    group = models.CharField(_("group"), max_length=30)
    event_date = models.DateField(_("date of the event"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("special status")
        verbose_name_plural = _("special statuses")
        ordering = ["id"]
        indexes = [models.Index(fields=["person"], name="special_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.group}"


class EmployeeSpell(models.Model):
    """A spell of employee cover (310): first day, last day; the last day is empty while it runs."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="spells"
    )
    started_on = models.DateField(_("first day"))
    stopped_on = models.DateField(_("last day"), null=True, blank=True)
    region = models.ForeignKey(
        Region, verbose_name=_("region"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("spell of employee cover")
        verbose_name_plural = _("spells of employee cover")
        ordering = ["person", "started_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_on__isnull=True) | Q(stopped_on__gte=F("started_on")),
                name="spell_order",
                violation_error_message=_("A spell ends after it begins."),
            ),
            models.UniqueConstraint(fields=["person", "started_on"], name="spell_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.started_on}"


class PriorCover(models.Model):
    """A year in which a person is known to have been covered (imported; our own years come from Coverage)."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="prior_cover"
    )
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    scheme = models.CharField(_("scheme"), max_length=3, default=RESIDENT)
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("earlier cover")
        verbose_name_plural = _("earlier cover")
        ordering = ["person", "benefit_year"]
        constraints = [
            models.UniqueConstraint(fields=["person", "benefit_year", "scheme"], name="prior_cover_once"),
            models.CheckConstraint(
                condition=Q(benefit_year__gte=1998, benefit_year__lte=2199), name="prior_cover_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.benefit_year}"


class Policy(models.Model):
    """One version of a region's terms for one benefit year; published versions are never edited."""

    key = models.CharField(_("key"), max_length=20)
    region = models.ForeignKey(
        Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="policies"
    )
    benefit_year = models.PositiveSmallIntegerField(_("benefit year"))
    version = models.PositiveSmallIntegerField(_("version"))
    terms = models.JSONField(_("terms"))
    mark = models.CharField(_("source mark"), max_length=40, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[(s.value, s.value) for s in PolicyState],
        default=PolicyState.DRAFT.value,
    )
    in_force = DateTimeRangeField(_("in force"), null=True, blank=True)
    made_by = models.ForeignKey(
        User, verbose_name=_("made by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_by = models.ForeignKey(
        User,
        verbose_name=_("published by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        ordering = ["region", "benefit_year", "version"]
        constraints = [
            models.UniqueConstraint(fields=["region", "benefit_year", "version"], name="policy_version_once"),
            ExclusionConstraint(
                name="policy_one_in_force",
                expressions=[
                    ("region", RangeOperators.EQUAL),
                    ("benefit_year", RangeOperators.EQUAL),
                    ("in_force", RangeOperators.OVERLAPS),
                ],
                condition=Q(in_force__isnull=False),
                violation_error_message=_("Two versions cannot be in force at the same time."),
            ),
            models.CheckConstraint(condition=YEARS, name="policy_year"),
            models.CheckConstraint(
                condition=Q(state__in=["PUBLISHED", "REPLACED"], in_force__isnull=False)
                | Q(state__in=["DRAFT", "DROPPED"], in_force__isnull=True),
                name="policy_force_evidence",
                violation_error_message=_("A published version, and only that, has a time in force."),
            ),
            models.CheckConstraint(
                condition=Q(made_by__isnull=True)
                | Q(published_by__isnull=True)
                | ~Q(made_by=F("published_by")),
                name="policy_second_person",
                violation_error_message=_("Nobody publishes a version they drafted."),
            ),
        ]
        triggers = [audit.moves_guard("enrollment_policy", POLICY_MOVES)]

    def __str__(self) -> str:
        return f"{self.region_id} {self.benefit_year} v{self.version}"

    @property
    def values(self) -> Terms:
        """The terms as a value object."""
        return Terms.from_dict(self.terms)


class Coverage(models.Model):
    """A decided period of cover; never changed, replaced by a later row of the same receivable.

    ``id = receivable * 100 + seq``; the row with the highest ``seq`` is in force. ``start``/``end`` are half-open; both
    empty means that no cover is in force in the year. The sentence that explains a row is rendered from its values.
    """

    partition = YearPartition(
        factor=10**12,
        append_only=True,
        leaf_ddl=('CREATE INDEX "{leaf}_person" ON "{leaf}" (person_id)',),
    )
    id = models.BigIntegerField(primary_key=True)
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="coverages",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    region = models.ForeignKey(
        Region, verbose_name=_("pooling region"), on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    scheme = models.CharField(_("scheme"), max_length=3, default=RESIDENT)
    start = models.DateField(_("first day"), null=True, blank=True)
    end = models.DateField(_("end (exclusive)"), null=True, blank=True)
    rule = models.CharField(_("rule"), max_length=30)
    wait_fixed = models.PositiveSmallIntegerField(_("fixed waiting months"), default=0)
    wait_variable = models.PositiveSmallIntegerField(_("variable waiting months"), default=0)
    repair_years = models.PositiveSmallIntegerField(_("years repaired"), default=0)
    policy = models.ForeignKey(
        Policy, verbose_name=_("policy version"), on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    payment_id = models.BigIntegerField(_("payment"), null=True, blank=True)
    paid_on = models.DateField(_("payment date"), null=True, blank=True)
    supersedes = models.BigIntegerField(_("replaces"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=40, default="DECIDED")
    facts = models.JSONField(_("facts it rests on"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("cover")
        verbose_name_plural = _("cover")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True)
                | Q(start__isnull=False, end__isnull=False, end__gt=F("start")),
                name="coverage_order",
                violation_error_message=_("Cover ends after it starts."),
            ),
        ]
        triggers = audit.append_only("enrollment_coverage")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def benefit_year(self) -> int:
        """The year that the key carries."""
        return self.pk // 10**12

    @property
    def receivable_id(self) -> int:
        """The receivable that the key carries."""
        return self.pk // 100


for _model in (Person, Enrollment, PersonCategory, SpecialStatus, EmployeeSpell, PriorCover, Policy):
    audit.track(_model)
