"""Lists that come in: registrations, aid members, checks, deaths; and what each of their lines would do, or did."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from enrollment.models.persons import Person
from enrollment.states import LIST_MOVES, ListState


class ListKind(models.TextChoices):
    """What a list is (the layouts 附件3 to 附件6 are those of a county's bureau; domain.md 2.3)."""

    REGISTER = "REGISTER", _("registrations")
    AID_MEMBERS = "AID_MEMBERS", _("aid members, full list")
    AID_CHECK = "AID_CHECK", _("aid members, check of enrolment")
    TAX_CLAIM = "TAX_CLAIM", _("aid claimed from the tax office")
    DEATHS = "DEATHS", _("deaths")


class Issuer(models.TextChoices):
    """The body that issued a list."""

    BUREAU = "BUREAU", _("medical insurance bureau, village or school")
    CIVIL = "CIVIL", _("civil affairs")
    DISABLED = "DISABLED", _("disabled persons' federation")
    RURAL = "RURAL", _("rural affairs")
    HEALTH = "HEALTH", _("health")


class Outcome(models.TextChoices):
    """What a line of a list comes to; lines that change nothing are counted, not kept."""

    NEW = "NEW", _("new in the list")
    UPDATED = "UPDATED", _("changed")
    ENDED = "ENDED", _("ended")
    UNKNOWN = "UNKNOWN", _("unknown person")
    CONTRADICTORY = "CONTRADICTORY", _("contradictory")
    ERROR = "ERROR", _("error")


LIST_STATE_CHOICES = [
    (ListState.QUEUED.value, _("queued")),
    (ListState.READING.value, _("being read")),
    (ListState.HELD.value, _("held")),
    (ListState.READ.value, _("waits for confirmation")),
    (ListState.CONFIRMED.value, _("confirmed")),
    (ListState.APPLYING.value, _("being applied")),
    (ListState.STOPPED.value, _("stopped")),
    (ListState.APPLIED.value, _("applied")),
    (ListState.UNDONE.value, _("taken back")),
    (ListState.REJECTED.value, _("rejected")),
    (ListState.DROPPED.value, _("dropped")),
    (ListState.PARKED.value, _("parked")),
]


class ListFile(models.Model):
    """A received list: its bytes' identity, what was found in it, how far it is, who confirmed it and took it back."""

    kind = models.CharField(_("kind"), max_length=12, choices=ListKind.choices)
    issuer = models.CharField(_("issued by"), max_length=10, choices=Issuer.choices, default=Issuer.BUREAU)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    month = models.DateField(_("month"))
    name = models.CharField(_("file name"), max_length=200)
    stored_as = models.CharField(max_length=100)
    size = models.BigIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    sheets = models.JSONField(_("sheets"), default=list, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=LIST_STATE_CHOICES, default=ListState.QUEUED.value
    )
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    warnings = models.JSONField(_("warnings"), default=list, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    last_line = models.PositiveIntegerField(_("last line"), default=0)
    tallies = models.JSONField(_("tallies"), default=dict, blank=True)
    second_person = models.BooleanField(_("a second person confirms"), default=True)
    done_through = models.PositiveIntegerField(_("applied up to line"), default=0)
    stop_wanted = models.BooleanField(_("to be stopped"), default=False)
    uploaded_by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    confirmed_by = models.ForeignKey(
        User,
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        User,
        verbose_name=_("taken back by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    undo_reason = models.CharField(_("why it was taken back"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["region", "-id"], name="listfile_region_page"),
            models.Index(
                fields=["state"],
                name="listfile_waiting",
                condition=Q(state__in=["QUEUED", "READING", "CONFIRMED", "APPLYING"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(second_person=False)
                | Q(confirmed_by__isnull=True)
                | ~Q(confirmed_by=F("uploaded_by")),
                name="listfile_second_person",
                violation_error_message=_("A second person confirms this list, not the one who uploaded it."),
            ),
            models.CheckConstraint(
                condition=Q(kind="REGISTER") | Q(second_person=True), name="listfile_aid_second_person"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="listfile_confirm_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["CONFIRMED", "APPLYING", "STOPPED", "APPLIED", "UNDONE"])
                | Q(confirmed_by__isnull=False),
                name="listfile_applied_was_confirmed",
            ),
            models.CheckConstraint(
                condition=~Q(state="APPLIED") | Q(applied_at__isnull=False), name="listfile_applied_evidence"
            ),
            models.CheckConstraint(
                condition=Q(state="UNDONE", undone_by__isnull=False, undone_at__isnull=False)
                | ~Q(state="UNDONE") & Q(undone_by__isnull=True, undone_at__isnull=True),
                name="listfile_undone_evidence",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ListState]), name="listfile_state_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=ListKind.values), name="listfile_kind_known"),
            models.CheckConstraint(condition=Q(issuer__in=Issuer.values), name="listfile_issuer_known"),
        ]
        triggers = [audit.moves_guard("enrollment_listfile", LIST_MOVES)]

    def __str__(self) -> str:
        return self.name


class ListLine(models.Model):
    """What a line of a list comes to, and what stood there before (for taking the list back).

    Written anew each time the list is read. Who is no longer in a full list stands behind its last line. ``person`` and
    ``enrollment_id`` are handed out when the list is read; the rows themselves appear when it is applied.
    """

    list = models.ForeignKey(
        ListFile, verbose_name=_("list"), on_delete=models.PROTECT, related_name="lines",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    line_no = models.PositiveIntegerField(_("line"))
    outcome = models.CharField(_("outcome"), max_length=13, choices=Outcome.choices)
    code = models.CharField(_("code"), max_length=30)
    column = models.CharField(_("column"), max_length=60, blank=True, db_default="")
    value = models.CharField(_("value"), max_length=80, blank=True, db_default="")
    params = models.JSONField(_("details"), null=True, blank=True)
    person = models.ForeignKey(
        Person, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_constraint=False, db_index=False,
    )  # fmt: skip
    enrollment_id = models.BigIntegerField(_("enrolment"), null=True, blank=True)
    household_id = models.BigIntegerField(_("household"), null=True, blank=True)
    before = models.JSONField(_("until now"), null=True, blank=True)

    class Meta:
        verbose_name = _("line of a list")
        verbose_name_plural = _("lines of lists")
        ordering = ["list", "line_no"]
        constraints = [
            models.UniqueConstraint(fields=["list", "line_no"], name="listline_once"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="listline_outcome_known"),
            models.CheckConstraint(
                condition=~Q(outcome__in=["NEW", "UPDATED", "ENDED"]) | Q(person__isnull=False),
                name="listline_moves_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.list_id} {self.line_no}"


class ListLease(models.Model):
    """Which worker has a list now, by the database's clock. Bookkeeping of work, not a fact: it has no history."""

    list = models.OneToOneField(
        ListFile,
        primary_key=True,
        on_delete=models.CASCADE,  # goes with its list: it says who works on it
        related_name="lease",
    )
    token = models.UUIDField(null=True, blank=True)
    backend_pid = models.IntegerField(null=True, blank=True)
    backend_start = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    phase = models.CharField(_("phase"), max_length=10, blank=True)
    lines_seen = models.PositiveIntegerField(_("lines read"), default=0)

    class Meta:
        verbose_name = _("lease on a list")
        verbose_name_plural = _("leases on lists")

    def __str__(self) -> str:
        return str(self.pk)


audit.track(ListFile)
