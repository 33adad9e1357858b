import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0006_lists'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='ClaimYear',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('benefit_year', models.PositiveSmallIntegerField(verbose_name='benefit year')),
                ('zero_claim', models.BooleanField(default=False, verbose_name='year without a claim')),
                ('incentive_used', models.BooleanField(default=False, verbose_name='incentive drawn on')),
                ('source', models.CharField(blank=True, max_length=100, verbose_name='source')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claim_years', to='enrollment.person', verbose_name='person')),
            ],
            options={
                'verbose_name': 'claims of a year',
                'verbose_name_plural': 'claims by year',
                'ordering': ['person', 'benefit_year'],
                'constraints': [models.UniqueConstraint(fields=('person', 'benefit_year'), name='claim_year_once', violation_error_message='The claims of this year are reported already.'), models.CheckConstraint(condition=models.Q(models.Q(('incentive_used', False), ('zero_claim', True)), models.Q(('incentive_used', True), ('zero_claim', False)), _connector='OR'), name='claim_year_one_of_two', violation_error_message='A year was without a claim, or drew on the incentive; one of the two.'), models.CheckConstraint(condition=models.Q(('benefit_year__gte', 2000), ('benefit_year__lte', 2199)), name='claim_year_range')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_claimyearevent" ("benefit_year", "id", "incentive_used", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "zero_claim") SELECT new_values."benefit_year", new_values."id", new_values."incentive_used", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source", new_values."zero_claim" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f1e3f971136be2e83ca6a6326f3cd534f54cb558', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4a2ee', referencing='REFERENCING NEW TABLE AS new_values ', table='enrollment_claimyear', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_claimyearevent" ("benefit_year", "id", "incentive_used", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "zero_claim") SELECT new_values."benefit_year", new_values."id", new_values."incentive_used", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source", new_values."zero_claim" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ccc118af94e14e06cdf404237d78fd8dffe49fa9', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1c284', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enrollment_claimyear', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_claimyearevent" ("benefit_year", "id", "incentive_used", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "zero_claim") SELECT old_values."benefit_year", old_values."id", old_values."incentive_used", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source", old_values."zero_claim" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='70187d57b361e82ac96112da07689e8ed83308ba', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_e4b7c', referencing='REFERENCING OLD TABLE AS old_values ', table='enrollment_claimyear', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='ClaimYearEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('benefit_year', models.PositiveSmallIntegerField(verbose_name='benefit year')),
                ('zero_claim', models.BooleanField(default=False, verbose_name='year without a claim')),
                ('incentive_used', models.BooleanField(default=False, verbose_name='incentive drawn on')),
                ('source', models.CharField(blank=True, max_length=100, verbose_name='source')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='person')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='enrollment.claimyear')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='enrollment_claimyearevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_claimyearevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_claimyearevent';", hash='458c826be7f24b5006bb3f1caa16fac12215059c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_enrollment_claimyearevent_no_truncate_a7a2f', table='enrollment_claimyearevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a183369fec027516b0a7482fab5b5caae13c8fad', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c33b3', table='enrollment_claimyearevent', when='BEFORE'))],
            },
        )]),
        bureau.triggers.InstallTriggers(
        ),
    ]
