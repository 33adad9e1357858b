"""Applications for enrolment that came in online, with pictures of certificates, and wait for a clerk."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import ApiClient, Region, User
from enrollment.models.households import Relation
from enrollment.models.persons import Enrollment, Person, PersonClass
from enrollment.states import APPLICATION_MOVES, ApplicationState


class PictureKind(models.TextChoices):
    """What a picture of an application shows."""

    ID_FRONT = "ID_FRONT", _("ID card, side with the portrait")
    ID_BACK = "ID_BACK", _("ID card, side with the emblem")
    HOUSEHOLD_BOOK = "HOUSEHOLD_BOOK", _("page of the household book")
    BIRTH_CERTIFICATE = "BIRTH_CERTIFICATE", _("birth certificate")
    OTHER = "OTHER", _("other certificate")


class EnrolmentApplication(models.Model):
    """What a partner handed in for one person; decided by one clerk, once."""

    number = models.CharField(_("application number"), max_length=20)
    client = models.ForeignKey(
        ApiClient, verbose_name=_("partner"), on_delete=models.PROTECT, related_name="+"
    )
    reference = models.CharField(_("partner's own number"), max_length=64, blank=True)
    region = models.ForeignKey(
        Region, verbose_name=_("pooling region"), on_delete=models.PROTECT, related_name="+"
    )
    id_type = models.CharField(_("ID type"), max_length=6)
    id_number = models.CharField(_("ID number"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    gender = models.CharField(_("gender"), max_length=1, choices=Person.Gender.choices)
    birth_date = models.DateField(_("date of birth"))
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    person_class = models.CharField(_("person class"), max_length=4, choices=PersonClass.choices)
    town = models.CharField(_("town or street"), max_length=60, blank=True)
    village = models.CharField(_("village or community"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    relation = models.CharField(
        _("relation to the head"), max_length=11, blank=True, choices=Relation.choices
    )
    head_number = models.CharField(_("ID number of the head"), max_length=40, blank=True)
    guardian_name = models.CharField(_("guardian"), max_length=80, blank=True)
    guardian_number = models.CharField(_("ID number of the guardian"), max_length=40, blank=True)
    guardian_phone = models.CharField(_("phone of the guardian"), max_length=20, blank=True)
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    submitted_at = models.DateTimeField(_("handed in at"))
    state = models.CharField(
        _("state"),
        max_length=8,
        default=ApplicationState.WAITING.value,
        choices=[
            (ApplicationState.WAITING.value, _("waiting")),
            (ApplicationState.TAKEN.value, _("in hand")),
            (ApplicationState.RETURNED.value, _("returned")),
            (ApplicationState.ACCEPTED.value, _("accepted")),
            (ApplicationState.REJECTED.value, _("rejected")),
        ],
    )
    taken_by = models.ForeignKey(
        User, verbose_name=_("taken by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_by = models.ForeignKey(
        User, verbose_name=_("decided by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    person = models.ForeignKey(
        Person, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    enrollment = models.ForeignKey(
        Enrollment, verbose_name=_("enrolment"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip

    class Meta:
        verbose_name = _("application for enrolment")
        verbose_name_plural = _("applications for enrolment")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["region", "state", "submitted_at", "id"], name="application_queue"),
            models.Index(fields=["id_number"], name="application_id_number"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="application_number_once"),
            models.UniqueConstraint(
                fields=["client", "reference"],
                condition=~Q(reference=""),
                name="application_reference_once",
                violation_error_message=_("The partner has used this number for another application."),
            ),
            models.UniqueConstraint(
                fields=["id_type", "id_number", "region"],
                condition=Q(state__in=["WAITING", "TAKEN"]),
                name="application_one_open",
                violation_error_message=_("An application for this person is waiting already."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ApplicationState]),
                name="application_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["WAITING", "TAKEN"])
                | Q(state="WAITING", taken_by__isnull=True)
                | Q(state="TAKEN", taken_by__isnull=False),
                name="application_taken_evidence",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["WAITING", "TAKEN"], decided_by__isnull=True, decided_at__isnull=True)
                | (
                    ~Q(state__in=["WAITING", "TAKEN"]) & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="application_decision_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["RETURNED", "REJECTED"]) | ~Q(reason=""),
                name="application_reason_evidence",
                violation_error_message=_("Please give a reason."),
            ),
            models.CheckConstraint(
                condition=Q(state="ACCEPTED", person__isnull=False, enrollment__isnull=False)
                | (~Q(state="ACCEPTED") & Q(person__isnull=True, enrollment__isnull=True)),
                name="application_accepted_evidence",
            ),
            models.CheckConstraint(condition=Q(round__gte=1, round__lte=50), name="application_round_range"),
        ]
        triggers = [audit.moves_guard("enrollment_enrolmentapplication", APPLICATION_MOVES)]

    def __str__(self) -> str:
        return self.number


audit.track(EnrolmentApplication)
