"""Messages to insured persons: texts as data with versions, one row for each event of a subject, sent in files."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region, User
from enrollment.models import Person


class Event(models.TextChoices):
    """What a person is told of."""

    DEBIT_PAID = "DEBIT_PAID", _("debit succeeded")
    DEBIT_FAILED = "DEBIT_FAILED", _("debit failed, balance too low")
    DEBIT_ABNORMAL = "DEBIT_ABNORMAL", _("debit failed, account abnormal")
    LAST_CHANCE = "LAST_CHANCE", _("last chance to pay")
    COVER_START = "COVER_START", _("cover starts")
    REFUND_PAID = "REFUND_PAID", _("refund paid")


class MessageTemplate(models.Model):
    """The wording of an event; the highest version counts, earlier ones stay (append-only)."""

    event = models.CharField(_("event"), max_length=14, choices=Event.choices)
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.CharField(_("text"), max_length=300)
    made_by = models.ForeignKey(
        User, verbose_name=_("made by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("wording of a message")
        verbose_name_plural = _("wordings of messages")
        ordering = ["event", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "version"],
                name="message_template_version_once",
                violation_error_message=_("There is another version of this wording meanwhile."),
            ),
            models.CheckConstraint(
                condition=Q(event__in=Event.values),
                name="message_template_event_known",
                violation_error_message=_("There is no such event."),
            ),
            models.CheckConstraint(
                condition=~Q(text=""),
                name="message_template_has_text",
                violation_error_message=_("A wording is not empty."),
            ),
        ]
        triggers = audit.append_only("payments_messagetemplate")

    def __str__(self) -> str:
        return f"{self.event} v{self.version}"


class Message(models.Model):
    """What a person is told of one event, once: ``subject_id`` is the key of the fact it speaks of (append-only).

    ``skipped`` says why it is not sent; after ``until`` it is not sent any more.
    """

    class Skipped(models.TextChoices):
        NO = "", _("to be sent")
        NO_PHONE = "NO_PHONE", _("no telephone")
        OPTED_OUT = "OPTED_OUT", _("wants no messages")

    event = models.CharField(_("event"), max_length=14, choices=Event.choices)
    subject_id = models.BigIntegerField(_("subject"))
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="messages"
    )
    template = models.ForeignKey(
        MessageTemplate, verbose_name=_("wording"), on_delete=models.PROTECT, related_name="+"
    )
    text = models.CharField(_("text"), max_length=500)
    skipped = models.CharField(
        _("not sent because"), max_length=9, choices=Skipped.choices, blank=True, default=""
    )
    until = models.DateField(_("send until"))
    queued_at = models.DateTimeField(_("queued at"))

    class Meta:
        verbose_name = _("text message")
        verbose_name_plural = _("text messages")
        ordering = ["-id"]
        indexes = [models.Index(fields=["region", "id"], name="message_region_page")]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "subject_id"],
                name="message_once",
                violation_error_message=_("This was told already."),
            ),
            models.CheckConstraint(
                condition=Q(event__in=Event.values),
                name="message_event_known",
                violation_error_message=_("There is no such event."),
            ),
            models.CheckConstraint(
                condition=Q(skipped__in=["", "NO_PHONE", "OPTED_OUT"]),
                name="message_skipped_known",
                violation_error_message=_("There is no such reason."),
            ),
        ]
        triggers = audit.append_only("payments_message")

    def __str__(self) -> str:
        return f"{self.event} {self.subject_id}"


class MessageFile(models.Model):
    """A file of messages for the SMS gateway of a region, and when it said that it took it."""

    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    messages = models.PositiveIntegerField(_("text messages"))
    made_by = models.ForeignKey(
        User, verbose_name=_("made by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = _("file for the SMS gateway")
        verbose_name_plural = _("files for the SMS gateway")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(messages__gte=1),
                name="message_file_not_empty",
                violation_error_message=_("A file has at least one message."),
            )
        ]
        triggers = audit.append_only("payments_messagefile")

    def __str__(self) -> str:
        return f"SMS_{self.region_id}_{self.pk:06d}"


class MessageSending(models.Model):
    """A message in a file, to which number: its key is the message, so it is sent once (append-only)."""

    message = models.OneToOneField(
        Message, primary_key=True, on_delete=models.PROTECT, related_name="sending"
    )
    file = models.ForeignKey(MessageFile, on_delete=models.PROTECT, related_name="sendings")
    phone = models.CharField(_("telephone"), max_length=20)

    class Meta:
        verbose_name = _("message in a file")
        verbose_name_plural = _("messages in files")
        constraints = [
            models.CheckConstraint(
                condition=~Q(phone=""),
                name="message_sending_has_phone",
                violation_error_message=_("A message goes to a number."),
            )
        ]
        triggers = audit.append_only("payments_messagesending")

    def __str__(self) -> str:
        return str(self.pk)


class MessageReceipt(models.Model):
    """What the gateway said of a message: delivered, or not and why (append-only)."""

    sending = models.OneToOneField(
        MessageSending, primary_key=True, on_delete=models.PROTECT, related_name="receipt"
    )
    delivered = models.BooleanField(_("delivered"))
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    told_at = models.DateTimeField(_("told at"))

    class Meta:
        verbose_name = _("answer of the SMS gateway")
        verbose_name_plural = _("answers of the SMS gateway")
        triggers = audit.append_only("payments_messagereceipt")

    def __str__(self) -> str:
        return str(self.pk)


class MessageOptOut(models.Model):
    """Somebody who wants no messages; the row leaves, with history, when they want them again."""

    person = models.OneToOneField(
        Person,
        verbose_name=_("person"),
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="message_opt_out",
    )
    since = models.DateTimeField(_("since"))
    noted_by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("wants no messages")
        verbose_name_plural = _("want no messages")

    def __str__(self) -> str:
        return str(self.pk)


audit.track(MessageOptOut)
