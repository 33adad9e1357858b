"""The kernel's facts: users with roles and regions, the region tree, the bureau's calendar, proposals, the export register."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.references import kept
from bureau.states import PROPOSAL_MOVES, ProposalState


class Region(models.Model):
    """An administrative division of GB/T 2260; a pooling region (统筹地区) is one of them."""

    class Level(models.IntegerChoices):
        PROVINCE = 1, _("province")
        CITY = 2, _("city")
        COUNTY = 3, _("county")

    code = models.CharField(_("code"), max_length=6, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    online_enabled = models.BooleanField(_("online payment enabled"), default=True)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[1-9][0-9]{5}$"),
                name="region_code_format",
                violation_error_message=_("A region code has six digits."),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gt=F("valid_from")),
                name="region_valid_order",
                violation_error_message=_("A region ends after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(level=1, parent__isnull=True) | Q(level__gt=1, parent__isnull=False),
                name="region_parent_by_level",
                violation_error_message=_("Only a province has no parent."),
            ),
        ]
        triggers = kept("bureau_region", "code")

    def __str__(self) -> str:
        return f"{self.name} {self.code}"


class User(AbstractUser):
    """A member of staff. Roles are groups (see bureau.access); regions limit what the person sees and does."""

    is_demo = models.BooleanField(_("demo log-in"), default=False)
    regions: models.ManyToManyField = models.ManyToManyField(
        Region, verbose_name=_("regions"), through="StaffRegion", related_name="staff", blank=True
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")


class UserRole(User.groups.through):  # type: ignore[misc,name-defined]
    """A role given to a member of staff, so that giving and taking it leaves history."""

    class Meta:
        proxy = True
        verbose_name = _("role of a member of staff")
        verbose_name_plural = _("roles of staff")


class UserRight(User.user_permissions.through):  # type: ignore[misc,name-defined]
    """A single permission given to a member of staff; roles decide here, so none should ever be given."""

    class Meta:
        proxy = True
        verbose_name = _("permission of a member of staff")
        verbose_name_plural = _("permissions of staff")


class StaffRegion(models.Model):
    """A region (with everything below it) in which a member of staff works."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="staff_regions"
    )  # goes with its user
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("region of a member of staff")
        verbose_name_plural = _("regions of staff")
        constraints = [models.UniqueConstraint(fields=["user", "region"], name="staff_region_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.region_id}"


class Workday(models.Model):
    """One day of the bureau's calendar. A year without all its days is not published and is never guessed."""

    day = models.DateField(_("day"), primary_key=True)
    is_workday = models.BooleanField(_("working day"))
    note = models.CharField(_("note"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("work calendar")
        ordering = ["day"]

    def __str__(self) -> str:
        return self.day.isoformat()


class Proposal(models.Model):
    """A change made by one person that takes effect when another approves it (the second person, 复核)."""

    kind = models.CharField(_("kind"), max_length=40)
    subject_type = models.CharField(_("subject type"), max_length=60)
    subject_id = models.CharField(_("subject"), max_length=40)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    difference = models.JSONField(_("what it changes"), default=dict)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    made_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[(s.value, s.value) for s in ProposalState],
        default=ProposalState.OPEN.value,
    )
    reviewed_by = models.ForeignKey(
        User, verbose_name=_("reviewed by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    review_reason = models.CharField(_("reason of the review"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "region"], name="proposal_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id"],
                condition=Q(state="OPEN"),
                name="proposal_one_open",
                violation_error_message=_("This already waits for a second person."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["WITHDRAWN", "OPEN"]) | ~Q(made_by=F("reviewed_by")),
                name="proposal_second_person",
                violation_error_message=_("Nobody approves what they made."),
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", reviewed_by__isnull=True, reviewed_at__isnull=True)
                | (~Q(state="OPEN") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False)),
                name="proposal_review_evidence",
                violation_error_message=_("A decided proposal names who decided it and when."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ProposalState]), name="proposal_state_known"
            ),
        ]
        triggers = [audit.moves_guard("bureau_proposal", PROPOSAL_MOVES)]

    def __str__(self) -> str:
        return self.title


class ExportRecord(models.Model):
    """The export register: who took which rows out, when, with what purpose (append-only)."""

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    what = models.CharField(_("what"), max_length=60)
    filters = models.JSONField(_("filters"), default=dict)
    regions = models.JSONField(_("regions"), default=list)
    masked = models.BooleanField(_("masked"), default=True)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("export register")
        ordering = ["-id"]
        triggers = audit.append_only("bureau_exportrecord")

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d %H:%M}"


class ExportOutcome(models.Model):
    """How an export ended: rows and digest of what was sent; an export without one was broken off (append-only)."""

    export = models.OneToOneField(
        ExportRecord, on_delete=models.PROTECT, related_name="outcome", primary_key=True
    )
    rows = models.BigIntegerField(_("rows"))
    sha256 = models.CharField(max_length=64)
    finished_at = models.DateTimeField(_("finished at"))

    class Meta:
        verbose_name = _("export outcome")
        verbose_name_plural = _("export outcomes")
        constraints = [models.CheckConstraint(condition=Q(rows__gte=0), name="export_rows_not_negative")]
        triggers = audit.append_only("bureau_exportoutcome")

    def __str__(self) -> str:
        return str(self.export_id)


class Attachment(models.Model):
    """A picture or document that belongs to something, kept outside the web root under a random name (append-only)."""

    class ContentType(models.TextChoices):
        JPEG = "image/jpeg", "JPEG"
        PNG = "image/png", "PNG"
        PDF = "application/pdf", "PDF"

    subject_type = models.CharField(_("subject type"), max_length=60)
    subject_id = models.CharField(_("subject"), max_length=40)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, blank=True)
    name = models.CharField(_("file name"), max_length=100)
    stored_as = models.CharField(_("stored as"), max_length=36, editable=False)
    content_type = models.CharField(_("type"), max_length=20, choices=ContentType.choices)
    size = models.PositiveIntegerField(_("bytes"))
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        User, verbose_name=_("by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["id"]
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="attachment_subject")]
        constraints = [
            models.UniqueConstraint(fields=["stored_as"], name="attachment_stored_once"),
            models.CheckConstraint(
                condition=Q(stored_as__regex=r"^[0-9a-f]{32}[.](jpg|png|pdf)$"),
                name="attachment_stored_random",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="attachment_digest_format"
            ),
            models.CheckConstraint(
                condition=Q(content_type__in=["image/jpeg", "image/png", "application/pdf"]),
                name="attachment_type_known",
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
        ]
        triggers = audit.append_only("bureau_attachment")

    def __str__(self) -> str:
        return self.name


class ApiClient(models.Model):
    """A partner's machine: which calls it may make (scopes), for which regions, from which networks."""

    code = models.CharField(_("code"), max_length=30)
    name = models.CharField(_("name"), max_length=80)
    scopes = models.JSONField(_("calls it may make"), default=list)
    networks = models.JSONField(_("networks it may call from"), default=list)
    per_minute = models.PositiveIntegerField(_("calls a minute"), default=600)
    active = models.BooleanField(_("active"), default=True)
    regions: models.ManyToManyField = models.ManyToManyField(
        Region, verbose_name=_("regions"), through="ApiClientRegion", related_name="+"
    )
    made_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"], name="client_code_once", violation_error_message=_("This code is taken.")
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z][a-z0-9-]{1,29}$"),
                name="client_code_format",
                violation_error_message=_("A code is made of small letters, digits and hyphens."),
            ),
            models.CheckConstraint(
                condition=Q(per_minute__gte=1, per_minute__lte=100_000),
                name="client_rate_range",
                violation_error_message=_("Between 1 and 100,000 calls a minute."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ApiClientRegion(models.Model):
    """A region (with everything below it) for which a partner may call."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="client_regions")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("region of a partner")
        verbose_name_plural = _("regions of partners")
        constraints = [models.UniqueConstraint(fields=["client", "region"], name="client_region_once")]

    def __str__(self) -> str:
        return f"{self.client_id} {self.region_id}"


class ApiKey(models.Model):
    """A key with which a partner signs; its secret is derived from the master secret and never stored. Two live at once."""

    client = models.ForeignKey(
        ApiClient, verbose_name=_("partner"), on_delete=models.PROTECT, related_name="keys"
    )
    key_id = models.CharField(_("key"), max_length=24)
    slot = models.PositiveSmallIntegerField(_("place"))
    issued_by = models.ForeignKey(User, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        User, verbose_name=_("reviewed by"), on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("valid to"))
    shown_at = models.DateTimeField(_("secret shown at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, verbose_name=_("revoked by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoke_reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("partner key")
        verbose_name_plural = _("partner keys")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["key_id"], name="apikey_once"),
            models.UniqueConstraint(
                fields=["client", "slot"],
                condition=Q(revoked_at__isnull=True),
                name="apikey_two_live",
                violation_error_message=_("A partner has two live keys at most: revoke one first."),
            ),
            models.CheckConstraint(condition=Q(slot__in=[1, 2]), name="apikey_slot_range"),
            models.CheckConstraint(
                condition=~Q(issued_by=F("approved_by")),
                name="apikey_second_person",
                violation_error_message=_("Nobody approves what they made."),
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="apikey_order"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True, revoke_reason="")
                | (Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoke_reason="")),
                name="apikey_revoke_evidence",
            ),
        ]

    def __str__(self) -> str:
        return self.key_id


class ApiNonce(models.Model):
    """A signed request that was let in; it is not let in twice. Forgotten when its time has run out."""

    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("signed request")
        verbose_name_plural = _("signed requests")
        constraints = [models.UniqueConstraint(fields=["key", "nonce"], name="nonce_once")]

    def __str__(self) -> str:
        return self.nonce


class ApiRate(models.Model):
    """How often somebody called in one minute."""

    bucket = models.CharField(max_length=80)
    minute = models.DateTimeField(db_index=True)
    hits = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("calls in a minute")
        verbose_name_plural = _("calls in a minute")
        constraints = [models.UniqueConstraint(fields=["bucket", "minute"], name="rate_once")]

    def __str__(self) -> str:
        return f"{self.bucket} {self.hits}"


class ApiAnswer(models.Model):
    """The answer to a call that changed something, written with its effect; the same call again gets the same answer."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    location = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="answer_once")]

    def __str__(self) -> str:
        return self.key


class SecurityEvent(models.Model):
    """A call that was refused at the door, or a key that changed hands (append-only)."""

    at = models.DateTimeField(_("at"))
    kind = models.CharField(_("kind"), max_length=30)
    client = models.ForeignKey(
        ApiClient,
        verbose_name=_("partner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    key_id = models.CharField(_("key"), max_length=24, blank=True)
    address = models.CharField(_("network address"), max_length=45, blank=True)
    path = models.CharField(_("path"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        ordering = ["-id"]
        triggers = audit.append_only("bureau_securityevent")

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


audit.track(User, exclude=["password", "last_login"])
audit.track(UserRole, with_object=False)
audit.track(UserRight, with_object=False)
audit.track(StaffRegion)
audit.track(Region)
audit.track(Workday)
audit.track(Proposal)
audit.track(ApiClient)
audit.track(ApiClientRegion)
audit.track(ApiKey)
