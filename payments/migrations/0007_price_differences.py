import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0004_attachments'),
        ('enrollment', '0004_policy_desk'),
        ('payments', '0006_register_tally'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='PriceCheck',
            fields=[
                ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='price_check', serialize=False, to='enrollment.policyrun', verbose_name='recomputing')),
                ('found', models.PositiveIntegerField(verbose_name='differences found')),
                ('checked_at', models.DateTimeField(verbose_name='checked at')),
            ],
            options={
                'verbose_name': 'check of prices',
                'verbose_name_plural': 'checks of prices',
                'triggers': [pgtrigger.compiler.Trigger(name='payments_pricecheck_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pricecheck is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pricecheck';", hash='85fc7a2b89e519a351777a32e924e4aed61b29e1', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_pricecheck_no_change_82cda', table='payments_pricecheck', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_pricecheck_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pricecheck is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pricecheck';", hash='e323109feab335d31450ff7b24849e32d5448d7f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_pricecheck_no_truncate_f418b', table='payments_pricecheck', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PriceDifference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payment_id', models.BigIntegerField(verbose_name='payment')),
                ('debited_on', models.DateField(verbose_name='debit date')),
                ('paid', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='paid')),
                ('due', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='owed by the new terms')),
                ('aid_listed', models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name='listed as aid already')),
                ('difference', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='difference')),
                ('found_at', models.DateTimeField(verbose_name='found at')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='price_differences', to='enrollment.person', verbose_name='insured')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.policy', verbose_name='policy version')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='pooling region')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='price_differences', to='enrollment.policyrun', verbose_name='recomputing')),
            ],
            options={
                'verbose_name': 'price difference',
                'verbose_name_plural': 'price differences',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['region', 'id'], name='pricedifference_page')],
                'constraints': [models.UniqueConstraint(fields=('payment_id', 'policy'), name='price_difference_once'), models.CheckConstraint(condition=models.Q(('difference__gt', 0), ('difference__lte', '9999999999.99'), ('due__gte', 0)), name='price_difference_range'), models.CheckConstraint(condition=models.Q(('difference', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('paid'), '-', models.F('due')), '-', models.F('aid_listed')))), name='price_difference_adds_up')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_pricedifference_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pricedifference is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pricedifference';", hash='d7a0930b31e5c85a1a6a21c1b3e54aff812f3aa1', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_pricedifference_no_change_21678', table='payments_pricedifference', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_pricedifference_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_pricedifference is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_pricedifference';", hash='7fa7ec181ce50bd763ffc5625944915246413e02', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_pricedifference_no_truncate_8cc85', table='payments_pricedifference', when='BEFORE'))],
            },
        )]),
        bureau.triggers.InstallTriggers(
        ),
    ]
