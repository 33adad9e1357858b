"""What banks send: files, their lines with the bucket each went to, the chunks that post them, the tallies."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from payments.models.channels import Channel
from payments.models.debits import BankProfile, DebitBatch
from payments.models.pushes import PushBatch
from payments.states import CHUNK_MOVES, FILE_MOVES, Bucket, ChunkState, FileKind, FileState

LINES_A_FILE = 10**8
BUCKET_CHOICES = [
    (Bucket.SETTLED.value, _("settled")),
    (Bucket.DUPLICATE.value, _("duplicate")),
    (Bucket.DECLINED.value, _("declined")),
    (Bucket.PENDING.value, _("pending")),
    (Bucket.UNMATCHED.value, _("unmatched")),
    (Bucket.REJECTED.value, _("rejected")),
]
FILE_KIND_CHOICES = [
    (FileKind.RESULT.value, _("result of a debit")),
    (FileKind.STATEMENT.value, _("statement of a channel")),
    (FileKind.TREASURY.value, _("settlement of the treasury")),
    (FileKind.PUSH_ANSWER.value, _("acknowledgement of the tax office")),
    (FileKind.PAYOUT.value, _("answer to a payout")),
]
FILE_STATE_CHOICES = [
    (FileState.QUEUED.value, _("queued")),
    (FileState.RUNNING.value, _("running")),
    (FileState.HELD.value, _("held")),
    (FileState.APPLIED.value, _("applied")),
    (FileState.REJECTED.value, _("rejected")),
    (FileState.PARKED.value, _("parked")),
]


class BankFile(models.Model):
    """A received file: its bytes' identity, what its header says, how far it is, and how it ended."""

    name = models.CharField(_("file name"), max_length=200)
    stored_as = models.CharField(max_length=100)
    size = models.BigIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content_sha256 = models.CharField(_("SHA-256 without line ends"), max_length=64, blank=True)
    region = models.ForeignKey(
        Region, verbose_name=_("region"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    bank = models.ForeignKey(
        BankProfile, verbose_name=_("bank"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    batch = models.ForeignKey(
        DebitBatch,
        verbose_name=_("batch"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="files",
    )
    kind = models.CharField(
        _("kind of file"),
        max_length=11,
        choices=FILE_KIND_CHOICES,
        default=FileKind.RESULT.value,
        db_default=FileKind.RESULT.value,
    )
    channel = models.CharField(
        _("channel"), max_length=14, choices=Channel.choices, blank=True, db_default=""
    )
    day = models.DateField(_("settlement day"), null=True, blank=True)
    push = models.ForeignKey(
        PushBatch,
        verbose_name=_("push to the tax office"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="files",
    )
    header = models.JSONField(_("header"), default=dict, blank=True)
    lines = models.PositiveIntegerField(_("lines"), default=0)
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2, default=0)
    debited = models.DecimalField(_("debited"), max_digits=16, decimal_places=2, default=0)
    state = models.CharField(
        _("state"), max_length=10, choices=FILE_STATE_CHOICES, default=FileState.QUEUED.value
    )
    reasons = models.JSONField(_("reasons"), default=list, blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)
    uploaded_by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    released_by = models.ForeignKey(
        User, verbose_name=_("released by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    seconds = models.FloatField(_("seconds of work"), default=0)

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["region", "-id"], name="bankfile_region_page"),
            models.Index(
                fields=["state"], name="bankfile_state", condition=Q(state__in=["QUEUED", "RUNNING"])
            ),
            models.Index(fields=["content_sha256"], name="bankfile_content"),
            models.Index(fields=["kind", "region", "-id"], name="bankfile_kind_page"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                condition=~Q(state="REJECTED"),
                name="bankfile_bytes_once",
                violation_error_message=_("These bytes were already received."),
            ),
            models.UniqueConstraint(
                fields=["batch"],
                condition=Q(state="RUNNING"),
                name="bankfile_one_running_a_batch",
                violation_error_message=_("Another file of this batch is being applied."),
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("uploaded_by")),
                name="bankfile_second_person",
                violation_error_message=_("Nobody releases a file they uploaded."),
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True, released_at__isnull=True)
                | Q(released_by__isnull=False, released_at__isnull=False),
                name="bankfile_release_evidence",
            ),
            models.CheckConstraint(
                condition=~Q(state="APPLIED")
                | Q(finished_at__isnull=False) & (Q(batch__isnull=False) | ~Q(kind="RESULT")),
                name="bankfile_applied_evidence",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[k.value for k in FileKind]), name="bankfile_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="APPLIED", kind__in=["STATEMENT", "TREASURY"])
                | Q(day__isnull=False, region__isnull=False),
                name="bankfile_day_evidence",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in FileState]), name="bankfile_state_known"
            ),
        ]
        triggers = [audit.moves_guard("payments_bankfile", FILE_MOVES)]

    def __str__(self) -> str:
        return self.name


class FileLease(models.Model):
    """Which worker has a file now, by the database's clock. Bookkeeping of work, not a fact: it has no history."""

    file = models.OneToOneField(
        BankFile,
        primary_key=True,
        on_delete=models.CASCADE,  # goes with its file: it says who works on it
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
        verbose_name = _("lease on a file")
        verbose_name_plural = _("leases on files")

    def __str__(self) -> str:
        return str(self.pk)


class FileChunk(models.Model):
    """A range of a file's resolved lines, posted by one transaction; any number of workers claim chunks."""

    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="chunks")
    number = models.PositiveIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    state = models.CharField(
        max_length=4, choices=[(s.value, s.value) for s in ChunkState], default=ChunkState.TODO.value
    )
    probe_serials = models.BooleanField(default=False)
    tally = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("chunk of a file")
        verbose_name_plural = _("chunks of a file")
        ordering = ["file", "number"]
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="chunk_once"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="chunk_order"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ChunkState]), name="chunk_state_known"
            ),
        ]
        triggers = [audit.moves_guard("payments_filechunk", CHUNK_MOVES)]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"


class BankLine(models.Model):
    """A line of an applied file and the bank's answer in it: narrow, append-only. ``id = file * 10**8 + line number``.

    The unique key (bank, serial) over booked lines holds over all years: one debit of a bank is booked once.
    """

    id = models.BigIntegerField(primary_key=True)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    bank = models.ForeignKey(
        BankProfile, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    bucket = models.PositiveSmallIntegerField(_("bucket"), choices=BUCKET_CHOICES)
    ok = models.BooleanField(_("bank says debited"))
    instruction_id = models.BigIntegerField(_("instruction"), null=True, blank=True)
    due = models.DecimalField(_("amount due"), max_digits=12, decimal_places=2, null=True, blank=True)
    debited = models.DecimalField(_("debited"), max_digits=12, decimal_places=2, null=True, blank=True)
    debited_on = models.DateField(_("debit date"), null=True, blank=True)
    code = models.CharField(_("result code"), max_length=10, blank=True)
    internal = models.CharField(_("meaning"), max_length=14, blank=True)
    reason = models.CharField(_("reason"), max_length=24, blank=True)
    serial = models.CharField(_("bank serial"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("bank line")
        verbose_name_plural = _("bank lines")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["instruction_id"], name="bankline_answer", condition=~Q(bucket=1)),
            models.Index(fields=["bank", "serial"], name="bankline_unmatched_serial", condition=Q(bucket=5)),
            models.Index(fields=["bucket", "id"], name="bankline_exceptions", condition=~Q(bucket=1)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "serial"],
                condition=Q(bucket__in=[1, 2]),
                name="bankline_serial_booked_once",
                violation_error_message=_("This bank serial is already booked."),
            ),
            models.CheckConstraint(condition=Q(bucket__gte=1, bucket__lte=6), name="bankline_bucket_known"),
            models.CheckConstraint(
                condition=~Q(bucket__in=[1, 2])
                | Q(ok=True, instruction_id__isnull=False, debited__gt=0, debited_on__isnull=False)
                & ~Q(serial=""),
                name="bankline_booked_evidence",
            ),
        ]
        triggers = audit.append_only("payments_bankline")

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line_no}"

    @property
    def file_id(self) -> int:
        """The file that the key carries."""
        return self.pk // LINES_A_FILE

    @property
    def line_no(self) -> int:
        """The line's number in its file (the header is line 1; numbers here count data lines from 1)."""
        return self.pk % LINES_A_FILE


class LineText(models.Model):
    """The text of a line that is not clean (unmatched, rejected, unknown code), kept for the person who resolves it."""

    line = models.OneToOneField(
        BankLine, primary_key=True, on_delete=models.PROTECT, related_name="text", db_constraint=False
    )
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("text of a line")
        verbose_name_plural = _("texts of lines")
        triggers = audit.append_only("payments_linetext")

    def __str__(self) -> str:
        return str(self.pk)


class FileTally(models.Model):
    """Lines and yuan of an applied file by bucket; ``repeated`` lines have no row of their own (append-only)."""

    file = models.ForeignKey(BankFile, on_delete=models.PROTECT, related_name="tallies")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    bucket = models.PositiveSmallIntegerField(_("bucket"), choices=BUCKET_CHOICES)
    lines = models.PositiveIntegerField(_("lines"))
    amount = models.DecimalField(_("amount"), max_digits=16, decimal_places=2)
    debited = models.DecimalField(_("debited"), max_digits=16, decimal_places=2)
    repeated = models.PositiveIntegerField(_("repeated lines"), default=0)
    repeated_amount = models.DecimalField(_("repeated amount"), max_digits=16, decimal_places=2, default=0)
    repeated_debited = models.DecimalField(_("repeated debited"), max_digits=16, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("tally of a file")
        verbose_name_plural = _("tallies of files")
        ordering = ["file", "bucket"]
        constraints = [
            models.UniqueConstraint(fields=["file", "bucket"], name="tally_once"),
            models.CheckConstraint(condition=Q(repeated__lte=F("lines")), name="tally_repeated_part"),
        ]
        triggers = audit.append_only("payments_filetally")

    def __str__(self) -> str:
        return f"{self.file_id} {self.bucket}"


class ClosedDay(models.Model):
    """An accounting day that was closed for a region; a file processed for it afterwards is held (append-only)."""

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    day = models.DateField(_("day"))
    closed_by = models.ForeignKey(
        User, verbose_name=_("closed by"), on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed at"))

    class Meta:
        verbose_name = _("closed accounting day")
        verbose_name_plural = _("closed accounting days")
        constraints = [models.UniqueConstraint(fields=["region", "day"], name="closed_day_once")]
        triggers = audit.append_only("payments_closedday")

    def __str__(self) -> str:
        return f"{self.region_id} {self.day}"


for _model in (BankFile, FileChunk):
    audit.track(_model)
