import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0004_attachments'),
        ('enrollment', '0003_register'),
        ('payments', '0004_duplicate_of_exempt'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='RegisterMark',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('xid', models.BigIntegerField(default=0)),
                ('number', models.BigIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'mark in the register',
                'verbose_name_plural': 'marks in the register',
            },
        ),
        migrations.CreateModel(
            name='AidDifference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('payment_id', models.BigIntegerField(verbose_name='payment')),
                ('receivable_id', models.BigIntegerField(verbose_name='receivable')),
                ('category', models.CharField(choices=[('TEKUN', 'destitute'), ('ORPHAN', 'orphan or de facto unsupported child'), ('DIBAO', 'low income'), ('ZHONGCAN', 'severe disability'), ('MONITORED', 'monitored against return to poverty')], max_length=20, verbose_name='aid category')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=12, verbose_name='difference')),
                ('listed_on', models.DateField(verbose_name='listed on')),
                ('found_at', models.DateTimeField(verbose_name='found at')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='aid_differences', to='enrollment.person', verbose_name='insured')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='pooling region')),
            ],
            options={
                'verbose_name': 'aid recognised after paying',
                'verbose_name_plural': 'aid recognised after paying',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['region', 'id'], name='aiddifference_page')],
                'constraints': [models.UniqueConstraint(fields=('payment_id', 'category'), name='aid_difference_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('amount__lte', '9999999999.99')), name='aid_difference_range'), models.CheckConstraint(condition=models.Q(('receivable_id', django.db.models.expressions.CombinedExpression(models.F('payment_id'), '/', models.Value(100)))), name='aid_difference_of_payment')],
                'triggers': [pgtrigger.compiler.Trigger(name='payments_aiddifference_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_aiddifference is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_aiddifference';", hash='0ce8c7178378dd3af15c36fa8fb3a7b893e511cc', operation='UPDATE OR DELETE', pgid='pgtrigger_payments_aiddifference_no_change_ea1da', table='payments_aiddifference', when='BEFORE')), pgtrigger.compiler.Trigger(name='payments_aiddifference_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'payments_aiddifference is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'payments_aiddifference';", hash='5691282355e5daa100d132b6bb71b2db40225aab', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_payments_aiddifference_no_truncate_f7eea', table='payments_aiddifference', when='BEFORE'))],
            },
        )]),
        bureau.triggers.InstallTriggers(
        ),
    ]
