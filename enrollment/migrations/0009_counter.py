import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '__first__'),
        ('enrollment', '0008_applications'),
    ]

    operations = [
        migrations.CreateModel(
            name='FormReceipt',
            fields=[
                ('token', models.UUIDField(primary_key=True, serialize=False)),
                ('answer', models.CharField(max_length=200, verbose_name='page')),
                ('made_at', models.DateTimeField(verbose_name='at')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'receipt of a form',
                'verbose_name_plural': 'receipts of forms',
                'triggers': [pgtrigger.compiler.Trigger(name='enrollment_formreceipt_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_formreceipt is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_formreceipt';", hash='c6f55f5fe4576b1ae8a53a5e89829f63af39d711', operation='UPDATE OR DELETE', pgid='pgtrigger_enrollment_formreceipt_no_change_81bb7', table='enrollment_formreceipt', when='BEFORE')), pgtrigger.compiler.Trigger(name='enrollment_formreceipt_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_formreceipt is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_formreceipt';", hash='301110d8924012c784fcc27d225c165cc87072ef', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_enrollment_formreceipt_no_truncate_a69aa', table='enrollment_formreceipt', when='BEFORE'))],
            },
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
