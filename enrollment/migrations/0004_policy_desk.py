import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0004_attachments'),
        ('bureau', '__first__'),
        ('enrollment', '0003_register'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='PolicyRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('QUEUED', 'QUEUED'), ('RUNNING', 'RUNNING'), ('DONE', 'DONE'), ('PARKED', 'PARKED'), ('OVERTAKEN', 'OVERTAKEN')], default='QUEUED', max_length=10, verbose_name='state')),
                ('reached', models.BigIntegerField(default=0, verbose_name='last receivable done')),
                ('until', models.BigIntegerField(default=0, verbose_name='last receivable to do')),
                ('persons', models.PositiveIntegerField(default=0, verbose_name='persons looked at')),
                ('moved', models.PositiveIntegerField(default=0, verbose_name='decisions changed')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='failed attempts')),
                ('error', models.CharField(blank=True, max_length=500, verbose_name='last error')),
                ('made_at', models.DateTimeField(verbose_name='at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='enrollment.policy', verbose_name='policy version')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'recomputing of cover',
                'verbose_name_plural': 'recomputings of cover',
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['QUEUED', 'RUNNING', 'DONE', 'PARKED', 'OVERTAKEN'])), name='policyrun_state_known'), models.UniqueConstraint(condition=models.Q(('state__in', ['QUEUED', 'RUNNING'])), fields=('policy',), name='policyrun_one_live', violation_error_message='The cover of this version is being recomputed already.'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', False), ('state__in', ['DONE', 'OVERTAKEN'])), models.Q(models.Q(('state__in', ['DONE', 'OVERTAKEN']), _negated=True), ('finished_at__isnull', True)), _connector='OR'), name='policyrun_end_evidence')],
                'triggers': [pgtrigger.compiler.Trigger(name='enrollment_policyrun_moves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM NEW."state")', func='IF (OLD."state", NEW."state") NOT IN ((\'PARKED\', \'QUEUED\'), (\'QUEUED\', \'DONE\'), (\'QUEUED\', \'OVERTAKEN\'), (\'QUEUED\', \'PARKED\'), (\'QUEUED\', \'RUNNING\'), (\'RUNNING\', \'DONE\'), (\'RUNNING\', \'OVERTAKEN\'), (\'RUNNING\', \'PARKED\')) THEN RAISE EXCEPTION \'enrollment_policyrun: % cannot become %\', OLD."state", NEW."state" USING ERRCODE = \'BU002\', TABLE = \'enrollment_policyrun\'; END IF; RETURN NEW;', hash='d08971f15664f8115cbe0f39bb50d6fa572365a5', operation='UPDATE OF "state"', pgid='pgtrigger_enrollment_policyrun_moves_1c18b', table='enrollment_policyrun', when='BEFORE')), pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_policyrunevent" ("attempts", "error", "finished_at", "id", "made_at", "made_by_id", "moved", "persons", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "reached", "region_id", "state", "until") SELECT new_values."attempts", new_values."error", new_values."finished_at", new_values."id", new_values."made_at", new_values."made_by_id", new_values."moved", new_values."persons", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."policy_id", new_values."reached", new_values."region_id", new_values."state", new_values."until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='77e0d1c399c840622f7931f826f20fdbe8fc9e38', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_60041', referencing='REFERENCING NEW TABLE AS new_values ', table='enrollment_policyrun', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_policyrunevent" ("attempts", "error", "finished_at", "id", "made_at", "made_by_id", "moved", "persons", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "reached", "region_id", "state", "until") SELECT new_values."attempts", new_values."error", new_values."finished_at", new_values."id", new_values."made_at", new_values."made_by_id", new_values."moved", new_values."persons", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."policy_id", new_values."reached", new_values."region_id", new_values."state", new_values."until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='194cbc8584e157afcfae1215ac92039efd0051c9', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_189d0', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enrollment_policyrun', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_policyrunevent" ("attempts", "error", "finished_at", "id", "made_at", "made_by_id", "moved", "persons", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "reached", "region_id", "state", "until") SELECT old_values."attempts", old_values."error", old_values."finished_at", old_values."id", old_values."made_at", old_values."made_by_id", old_values."moved", old_values."persons", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."policy_id", old_values."reached", old_values."region_id", old_values."state", old_values."until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='6b1c3ba3d96077e4d90fe80dd2ef6e28ebcf1a5b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c0de2', referencing='REFERENCING OLD TABLE AS old_values ', table='enrollment_policyrun', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='PolicyMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('coverage_id', models.BigIntegerField(verbose_name='cover')),
                ('old_start', models.DateField(blank=True, null=True, verbose_name='start until now')),
                ('new_start', models.DateField(blank=True, null=True, verbose_name='start afterwards')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person', verbose_name='person')),
                ('region', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='enrollment.policyrun', verbose_name='recomputing')),
            ],
            options={
                'verbose_name': 'moved cover',
                'verbose_name_plural': 'moved cover',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['region', 'id'], name='policymove_region_page')],
                'constraints': [models.UniqueConstraint(fields=('coverage_id',), name='policymove_cover_once')],
                'triggers': [pgtrigger.compiler.Trigger(name='enrollment_policymove_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_policymove is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_policymove';", hash='3c662807c96f80c3249fa393360be9030670db81', operation='UPDATE OR DELETE', pgid='pgtrigger_enrollment_policymove_no_change_4108d', table='enrollment_policymove', when='BEFORE')), pgtrigger.compiler.Trigger(name='enrollment_policymove_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_policymove is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_policymove';", hash='e02eaba0a02692515cb14bb9e729b9416b193041', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_enrollment_policymove_no_truncate_56731', table='enrollment_policymove', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='PolicyRunEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('state', models.CharField(choices=[('QUEUED', 'QUEUED'), ('RUNNING', 'RUNNING'), ('DONE', 'DONE'), ('PARKED', 'PARKED'), ('OVERTAKEN', 'OVERTAKEN')], default='QUEUED', max_length=10, verbose_name='state')),
                ('reached', models.BigIntegerField(default=0, verbose_name='last receivable done')),
                ('until', models.BigIntegerField(default=0, verbose_name='last receivable to do')),
                ('persons', models.PositiveIntegerField(default=0, verbose_name='persons looked at')),
                ('moved', models.PositiveIntegerField(default=0, verbose_name='decisions changed')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='failed attempts')),
                ('error', models.CharField(blank=True, max_length=500, verbose_name='last error')),
                ('made_at', models.DateTimeField(verbose_name='at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('made_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='enrollment.policyrun')),
                ('policy', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.policy', verbose_name='policy version')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='enrollment_policyrunevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_policyrunevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_policyrunevent';", hash='8fc554cbdf7770694094a088d407ebbba5c3795a', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_enrollment_policyrunevent_no_truncate_8df97', table='enrollment_policyrunevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='658eae7bd4753a143e0119dbc7b502984d858b9f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0665f', table='enrollment_policyrunevent', when='BEFORE'))],
            },
        )]),
        bureau.migrating.Together([migrations.AddField(
            model_name='policy',
            name='base',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dependants', to='enrollment.policy', verbose_name='inherits from'),
        ),
        migrations.AddField(
            model_name='policy',
            name='overrides',
            field=models.JSONField(blank=True, null=True, verbose_name='says otherwise'),
        ),
        migrations.AddField(
            model_name='policyevent',
            name='base',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.policy', verbose_name='inherits from'),
        ),
        migrations.AddField(
            model_name='policyevent',
            name='overrides',
            field=models.JSONField(blank=True, null=True, verbose_name='says otherwise'),
        )]),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('base__isnull', True), ('overrides__isnull', True)), models.Q(('base__isnull', False), ('overrides__isnull', False), models.Q(('base', models.F('id')), _negated=True)), _connector='OR'), name='policy_inheritance', violation_error_message='What says otherwise rests on the version of another region.'),
        ),
        bureau.triggers.ChangeTriggers(
            operations=[pgtrigger.migrations.RemoveTrigger(
                model_name='policy',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='policy',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='policy',
                name='delete_delete',
            ), pgtrigger.migrations.AddTrigger(
                model_name='policy',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_policyevent" ("base_id", "benefit_year", "id", "in_force", "key", "made_by_id", "mark", "note", "overrides", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_by_id", "region_id", "state", "terms", "version") SELECT new_values."base_id", new_values."benefit_year", new_values."id", new_values."in_force", new_values."key", new_values."made_by_id", new_values."mark", new_values."note", new_values."overrides", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."published_by_id", new_values."region_id", new_values."state", new_values."terms", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='df3925473429d9c4a2086d7ce10b257fdf4c13d4', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_4dec5', referencing='REFERENCING NEW TABLE AS new_values ', table='enrollment_policy', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='policy',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_policyevent" ("base_id", "benefit_year", "id", "in_force", "key", "made_by_id", "mark", "note", "overrides", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_by_id", "region_id", "state", "terms", "version") SELECT new_values."base_id", new_values."benefit_year", new_values."id", new_values."in_force", new_values."key", new_values."made_by_id", new_values."mark", new_values."note", new_values."overrides", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."published_by_id", new_values."region_id", new_values."state", new_values."terms", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1988c24807557c3199f9d014f1fd0d03fa2197d4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_cad6d', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enrollment_policy', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='policy',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_policyevent" ("base_id", "benefit_year", "id", "in_force", "key", "made_by_id", "mark", "note", "overrides", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_by_id", "region_id", "state", "terms", "version") SELECT old_values."base_id", old_values."benefit_year", old_values."id", old_values."in_force", old_values."key", old_values."made_by_id", old_values."mark", old_values."note", old_values."overrides", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."published_by_id", old_values."region_id", old_values."state", old_values."terms", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8cba77ab81a0ab60eac857154a5e32e201ecc6f1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_f12ae', referencing='REFERENCING OLD TABLE AS old_values ', table='enrollment_policy', when='AFTER')),
            )],
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
