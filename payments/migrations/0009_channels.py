"""The channels that the sources name, with the terms that hold everywhere until a region says otherwise."""

from django.db import migrations

from bureau import audit

APP, TAX, BUREAU, AGENT = "CHANNEL", "TAX", "BUREAU", "AGENT"
ORIGINAL, ACCOUNT, BANK = "ORIGINAL_PATH", "MEDICAL_ACCOUNT", "BANK_ACCOUNT"
# Channel, mode, working days to the treasury, debit cards only, persons, keyed in by, refunds go, answer is final.
CHANNELS = (
    ("ALIPAY", "REALTIME", 1, True, None, APP, ORIGINAL, True),
    ("WECHAT", "REALTIME", 1, True, None, APP, ORIGINAL, True),
    ("NHSA_APP", "REALTIME", 1, True, None, APP, ORIGINAL, True),
    ("BANK_APP", "REALTIME", 1, True, None, APP, ORIGINAL, True),
    ("ETAX", "REALTIME", 1, True, None, APP, ORIGINAL, True),
    ("SOCIAL_APP", "REALTIME", 1, True, None, APP, ORIGINAL, True),
    ("SOCIAL_WECHAT", "REALTIME", 1, True, None, APP, ORIGINAL, True),
    ("BANK_COUNTER", "REALTIME", 1, True, None, APP, BANK, True),
    ("BANK_BATCH", "BATCH", 1, True, 1, APP, BANK, False),
    ("POST", "REALTIME", 2, True, None, APP, BANK, False),
    ("QR", "REALTIME", 1, True, None, APP, ORIGINAL, True),
    ("TAX_HALL", "OFFLINE", 1, False, 20, TAX, BANK, True),
    ("VILLAGE", "OFFLINE", 5, False, 50, AGENT, BANK, False),
    ("CASH", "OFFLINE", 1, False, 20, BUREAU, BANK, True),
    ("FAMILY_SHARE", "REALTIME", 1, False, None, APP, ACCOUNT, True),
    ("MINZHENGTONG", "QUERY", 0, True, None, APP, BANK, True),
)


def bring(apps, schema_editor):
    terms = apps.get_model("payments", "ChannelTerms")
    with audit.acting(by=None, why="payments.0009_channels"):
        terms.objects.bulk_create(
            terms(
                channel=channel,
                mode=mode,
                settlement_days=days,
                debit_cards_only=debit,
                max_persons=persons,
                keyed_by=keyed_by,
                refund_route=route,
                answer_final=final,
            )
            for channel, mode, days, debit, persons, keyed_by, route, final in CHANNELS
        )


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_orders")]

    operations = [migrations.RunPython(bring, migrations.RunPython.noop)]
