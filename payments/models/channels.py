"""Channels as data: how each way of paying works, everywhere or in one region."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bureau import audit
from bureau.models import Region


class Channel(models.TextChoices):
    """How money reaches the bureau (design: bank-files 9.2)."""

    ALIPAY = "ALIPAY", _("Alipay")
    WECHAT = "WECHAT", _("WeChat")
    NHSA_APP = "NHSA_APP", _("national medical insurance app")
    BANK_APP = "BANK_APP", _("bank app")
    ETAX = "ETAX", _("electronic tax office")
    SOCIAL_APP = "SOCIAL_APP", _("social security app")
    SOCIAL_WECHAT = "SOCIAL_WECHAT", _("social security account in WeChat")
    BANK_COUNTER = "BANK_COUNTER", _("bank counter")
    BANK_BATCH = "BANK_BATCH", _("bank batch debit")
    POST = "POST", _("post office")
    QR = "QR", _("QR code")
    TAX_HALL = "TAX_HALL", _("tax hall")
    VILLAGE = "VILLAGE", _("village agent")
    CASH = "CASH", _("cash")
    FAMILY_SHARE = "FAMILY_SHARE", _("family member's medical account")
    MINZHENGTONG = "MINZHENGTONG", _("Minzhengtong (queries only)")


class ChannelTerms(models.Model):
    """What holds for a channel in a region and below it; without a region, everywhere.

    `settlement_days`: working days until the money is in the treasury. `max_persons` and `lock_minutes` empty: as
    the region's policy says. `answer_final`: what the channel answers at once stands; else its statement decides.
    `past_year_end`: a wait beyond 31 December is the payer's to accept (else nobody pays for nothing). `status_url`: where
    the bureau asks before it gives an order up; empty: only the channel's statement tells.
    """

    class Mode(models.TextChoices):
        REALTIME = "REALTIME", _("at once")
        BATCH = "BATCH", _("in batches")
        OFFLINE = "OFFLINE", _("keyed in later")
        QUERY = "QUERY", _("queries only")

    class KeyedBy(models.TextChoices):
        CHANNEL = "CHANNEL", _("the channel itself")
        BUREAU = "BUREAU", _("the bureau")
        TAX = "TAX", _("the tax office")
        AGENT = "AGENT", _("the village agent")

    class RefundRoute(models.TextChoices):
        ORIGINAL_PATH = "ORIGINAL_PATH", _("the way it came")
        MEDICAL_ACCOUNT = "MEDICAL_ACCOUNT", _("the medical account it came from")
        BANK_ACCOUNT = "BANK_ACCOUNT", _("a bank account")

    channel = models.CharField(_("channel"), max_length=14, choices=Channel.choices)
    region = models.ForeignKey(
        Region, verbose_name=_("region"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    enabled = models.BooleanField(_("open"), default=True)
    mode = models.CharField(_("mode"), max_length=8, choices=Mode.choices)
    settlement_days = models.PositiveSmallIntegerField(_("working days to the treasury"), default=1)
    debit_cards_only = models.BooleanField(_("debit cards only"), default=True)
    max_persons = models.PositiveSmallIntegerField(_("persons in one order"), null=True, blank=True)
    lock_minutes = models.PositiveSmallIntegerField(_("minutes an order is locked"), null=True, blank=True)
    keyed_by = models.CharField(_("keyed in by"), max_length=8, choices=KeyedBy.choices)
    refund_route = models.CharField(_("refunds go"), max_length=15, choices=RefundRoute.choices)
    answer_final = models.BooleanField(_("its answer is final"), default=True)
    past_year_end = models.BooleanField(
        _("takes money that buys no cover this year, with consent"), default=False
    )
    status_url = models.CharField(_("address that says what became of an order"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("terms of a channel")
        verbose_name_plural = _("channels")
        ordering = ["channel", "region"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "region"],
                name="channel_terms_once",
                nulls_distinct=False,
                violation_error_message=_("This channel has terms for this region already."),
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values),
                name="channel_known",
                violation_error_message=_("There is no such channel."),
            ),
            models.CheckConstraint(
                condition=(Q(max_persons__isnull=True) | Q(max_persons__range=(1, 100)))
                & (Q(lock_minutes__isnull=True) | Q(lock_minutes__range=(1, 1440)))
                & Q(settlement_days__lte=30),
                name="channel_terms_range",
                violation_error_message=_("1 to 100 persons, 1 to 1440 minutes, at most 30 working days."),
            ),
            models.CheckConstraint(
                condition=Q(status_url="") | Q(status_url__regex=r"^https?://[^\s@]+$"),
                name="channel_status_url_format",
                violation_error_message=_(
                    "An address begins with https:// and holds no blank and no log-in."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.region_id or '*'}"

    @property
    def takes_orders(self) -> bool:
        """Whether an order may be opened through it."""
        return self.enabled and self.mode in (self.Mode.REALTIME, self.Mode.OFFLINE)


audit.track(ChannelTerms)
