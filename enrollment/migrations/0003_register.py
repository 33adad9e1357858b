import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import enrollment.models.changes
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0003_role_conflicts'),
        ('bureau', '__first__'),
        ('enrollment', '0002_policies'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('REGISTERED', 'registered'), ('ENROLLED', 'enrolled'), ('SUSPENDED', 'suspended'), ('RESUMED', 'resumed'), ('ENDED', 'enrolment ended'), ('DIED', 'died'), ('CORRECTED', 'personal data corrected'), ('MERGED', 'merged with another record'), ('CATEGORY_BEGAN', 'identity category began'), ('CATEGORY_ENDED', 'identity category ended'), ('HOUSEHOLD', 'household changed'), ('UNDONE', 'taken back')], max_length=14, verbose_name='kind')),
                ('effective_on', models.DateField(verbose_name='counts from')),
                ('details', models.JSONField(default=dict, verbose_name='what changed')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('made_at', models.DateTimeField(verbose_name='at')),
                ('xid', models.BigIntegerField(db_default=enrollment.models.changes.TransactionNumber(), editable=False)),
                ('enrollment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.enrollment', verbose_name='enrolment')),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='enrollment.person', verbose_name='person')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'change in the register',
                'verbose_name_plural': 'changes in the register',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['xid', 'id'], name='change_order'), models.Index(fields=['region', 'id'], name='change_region_page')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['REGISTERED', 'ENROLLED', 'SUSPENDED', 'RESUMED', 'ENDED', 'DIED', 'CORRECTED', 'MERGED', 'CATEGORY_BEGAN', 'CATEGORY_ENDED', 'HOUSEHOLD', 'UNDONE'])), name='change_kind_known')],
                'triggers': [pgtrigger.compiler.Trigger(name='enrollment_change_no_change', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_change is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_change';", hash='a795cbf429fc17700da8c2539a3b9904fb7b3d99', operation='UPDATE OR DELETE', pgid='pgtrigger_enrollment_change_no_change_2bf5f', table='enrollment_change', when='BEFORE')), pgtrigger.compiler.Trigger(name='enrollment_change_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_change is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_change';", hash='03a09756cc2694149589626bfecc9c6182d63785', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_enrollment_change_no_truncate_38ef1', table='enrollment_change', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('town', models.CharField(blank=True, max_length=60, verbose_name='town or street')),
                ('village', models.CharField(blank=True, max_length=60, verbose_name='village or community')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('opened_on', models.DateField(verbose_name='since')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='version')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.household', verbose_name='merged into')),
                ('payer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person', verbose_name='payer')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'household',
                'verbose_name_plural': 'households',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['region', 'town', 'village', 'id'], name='household_place')],
                'constraints': [models.CheckConstraint(condition=models.Q(('closed_on__isnull', True), ('closed_on__gte', models.F('opened_on')), _connector='OR'), name='household_order', violation_error_message='A household ends after it begins.'), models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('closed_on__isnull', False), models.Q(('merged_into', models.F('id')), _negated=True)), _connector='OR'), name='household_merged_is_closed', violation_error_message='A household that was merged into another one is closed.')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_householdevent" ("address", "closed_on", "id", "merged_into_id", "opened_on", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "town", "version", "village") SELECT new_values."address", new_values."closed_on", new_values."id", new_values."merged_into_id", new_values."opened_on", new_values."payer_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."region_id", new_values."town", new_values."version", new_values."village" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='97ea6731178ff4d228e36a7f0e3852ed3c59e8e9', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0721b', referencing='REFERENCING NEW TABLE AS new_values ', table='enrollment_household', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_householdevent" ("address", "closed_on", "id", "merged_into_id", "opened_on", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "town", "version", "village") SELECT new_values."address", new_values."closed_on", new_values."id", new_values."merged_into_id", new_values."opened_on", new_values."payer_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."region_id", new_values."town", new_values."version", new_values."village" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1fef5ba50e70ab93789894684b0a9f5da96d8831', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_c32e6', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enrollment_household', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_householdevent" ("address", "closed_on", "id", "merged_into_id", "opened_on", "payer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "town", "version", "village") SELECT old_values."address", old_values."closed_on", old_values."id", old_values."merged_into_id", old_values."opened_on", old_values."payer_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."region_id", old_values."town", old_values."version", old_values."village" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e1aca991c969e9e421b73000f2b842d9b6bd9b9b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_806f0', referencing='REFERENCING OLD TABLE AS old_values ', table='enrollment_household', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='HouseholdEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('town', models.CharField(blank=True, max_length=60, verbose_name='town or street')),
                ('village', models.CharField(blank=True, max_length=60, verbose_name='village or community')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='address')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                ('opened_on', models.DateField(verbose_name='since')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='until')),
                ('version', models.PositiveIntegerField(default=0, verbose_name='version')),
                ('merged_into', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.household', verbose_name='merged into')),
                ('payer', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='payer')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='enrollment.household')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='enrollment_householdevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_householdevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_householdevent';", hash='3336b7758257b005b86b806d2000c40a753f8ab1', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_enrollment_householdevent_no_truncate_cc4ad', table='enrollment_householdevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='738a70c199759c4b2067ffd75c64cb4541083855', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_98696', table='enrollment_householdevent', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HouseholdMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relation', models.CharField(choices=[('HEAD', 'head'), ('SPOUSE', 'spouse'), ('CHILD', 'child'), ('GRANDCHILD', 'grandchild'), ('PARENT', 'parent'), ('GRANDPARENT', 'grandparent'), ('SIBLING', 'brother or sister'), ('OTHER', 'other')], max_length=11, verbose_name='relation to the head')),
                ('joined_on', models.DateField(verbose_name='from')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='to (exclusive)')),
                ('guardian', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='wards', to='enrollment.person', verbose_name='guardian')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='enrollment.household', verbose_name='household')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='enrollment.person', verbose_name='person')),
            ],
            options={
                'verbose_name': 'member of a household',
                'verbose_name_plural': 'members of households',
                'ordering': ['household', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_on__isnull', True)), fields=('person',), name='member_of_one_household', violation_error_message='This person lives in another household.'), models.UniqueConstraint(condition=models.Q(('left_on__isnull', True), ('relation', 'HEAD')), fields=('household',), name='household_one_head', violation_error_message='A household has one head.'), models.CheckConstraint(condition=models.Q(('left_on__isnull', True), ('left_on__gte', models.F('joined_on')), _connector='OR'), name='member_order', violation_error_message='A member leaves after joining.'), models.CheckConstraint(condition=models.Q(('guardian__isnull', True), models.Q(('guardian', models.F('person')), _negated=True), _connector='OR'), name='member_not_own_guardian', violation_error_message='Nobody is their own guardian.'), models.CheckConstraint(condition=models.Q(('relation__in', ['HEAD', 'SPOUSE', 'CHILD', 'GRANDCHILD', 'PARENT', 'GRANDPARENT', 'SIBLING', 'OTHER'])), name='member_relation_known')],
                'triggers': [pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_householdmemberevent" ("guardian_id", "household_id", "id", "joined_on", "left_on", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation") SELECT new_values."guardian_id", new_values."household_id", new_values."id", new_values."joined_on", new_values."left_on", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."relation" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ce1afe1f6b74c9baa974c7e03521d27614c3fdcd', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2e2f8', referencing='REFERENCING NEW TABLE AS new_values ', table='enrollment_householdmember', when='AFTER')), pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_householdmemberevent" ("guardian_id", "household_id", "id", "joined_on", "left_on", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation") SELECT new_values."guardian_id", new_values."household_id", new_values."id", new_values."joined_on", new_values."left_on", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."relation" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='d968a29836c5423ef4c973488f036a440579f077', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_926fa', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enrollment_householdmember', when='AFTER')), pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_householdmemberevent" ("guardian_id", "household_id", "id", "joined_on", "left_on", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relation") SELECT old_values."guardian_id", old_values."household_id", old_values."id", old_values."joined_on", old_values."left_on", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."relation" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='4030925fc086140640e16154a0d81e229974263d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_af0e2', referencing='REFERENCING OLD TABLE AS old_values ', table='enrollment_householdmember', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='HouseholdMemberEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('relation', models.CharField(choices=[('HEAD', 'head'), ('SPOUSE', 'spouse'), ('CHILD', 'child'), ('GRANDCHILD', 'grandchild'), ('PARENT', 'parent'), ('GRANDPARENT', 'grandparent'), ('SIBLING', 'brother or sister'), ('OTHER', 'other')], max_length=11, verbose_name='relation to the head')),
                ('joined_on', models.DateField(verbose_name='from')),
                ('left_on', models.DateField(blank=True, null=True, verbose_name='to (exclusive)')),
                ('guardian', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='guardian')),
                ('household', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.household', verbose_name='household')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='person')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='enrollment.householdmember')),
            ],
            options={
                'abstract': False,
                'triggers': [pgtrigger.compiler.Trigger(name='ment_householdmemberevent_no_truncate', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_householdmemberevent is append-only: write a correcting row instead' USING ERRCODE = 'BU001', TABLE = 'enrollment_householdmemberevent';", hash='91282650cd74358ef399a91d82d0aa07f89a3ce0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_ment_householdmemberevent_no_truncate_459ba', table='enrollment_householdmemberevent', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3a22cb5f1cfe4889c18c569bd04de7cd0091226f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d1667', table='enrollment_householdmemberevent', when='BEFORE'))],
            },
        )]),
        bureau.migrating.Together([migrations.AddField(
            model_name='enrollment',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('DEATH', 'death'), ('MOVED', 'moved away'), ('EMPLOYEE', 'joined the employee scheme'), ('EMIGRATED', 'emigrated'), ('ARMY', 'joined the army'), ('PRISON', 'in prison'), ('TRANSFER', 'transferred to another pooling region'), ('MERGED', 'merged with another record'), ('MISTAKE', 'enrolled by mistake'), ('OTHER', 'other reason')], db_default='', max_length=10, verbose_name='why it ended'),
        ),
        migrations.AddField(
            model_name='enrollmentevent',
            name='end_reason',
            field=models.CharField(blank=True, choices=[('DEATH', 'death'), ('MOVED', 'moved away'), ('EMPLOYEE', 'joined the employee scheme'), ('EMIGRATED', 'emigrated'), ('ARMY', 'joined the army'), ('PRISON', 'in prison'), ('TRANSFER', 'transferred to another pooling region'), ('MERGED', 'merged with another record'), ('MISTAKE', 'enrolled by mistake'), ('OTHER', 'other reason')], db_default='', max_length=10, verbose_name='why it ended'),
        ),
        migrations.AddField(
            model_name='person',
            name='initials',
            field=models.CharField(blank=True, db_default='', max_length=80, verbose_name='pinyin initials'),
        ),
        migrations.AddField(
            model_name='person',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='former', to='enrollment.person', verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='person',
            name='version',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='version'),
        ),
        migrations.AddField(
            model_name='personevent',
            name='initials',
            field=models.CharField(blank=True, db_default='', max_length=80, verbose_name='pinyin initials'),
        ),
        migrations.AddField(
            model_name='personevent',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='personevent',
            name='version',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='version'),
        )]),
        bureau.migrating.Together([migrations.AddConstraint(
            model_name='enrollment',
            constraint=models.CheckConstraint(condition=models.Q(('end_reason', ''), models.Q(('end_reason__in', ['DEATH', 'MOVED', 'EMPLOYEE', 'EMIGRATED', 'ARMY', 'PRISON', 'TRANSFER', 'MERGED', 'MISTAKE', 'OTHER']), ('state', '4')), _connector='OR'), name='enrollment_end_reason_known', violation_error_message='Only an ended enrolment says why it ended.'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into__isnull', True), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='person_not_into_itself', violation_error_message='A record cannot be merged into itself.'),
        )]),
        bureau.triggers.ChangeTriggers(
            operations=[pgtrigger.migrations.RemoveTrigger(
                model_name='enrollment',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='enrollment',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='enrollment',
                name='delete_delete',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='person',
                name='insert_insert',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='person',
                name='update_update',
            ), pgtrigger.migrations.RemoveTrigger(
                model_name='person',
                name='delete_delete',
            ), pgtrigger.migrations.AddTrigger(
                model_name='enrollment',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_enrollmentevent" ("end_reason", "ended_on", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "region_id", "scheme", "started_on", "state") SELECT new_values."end_reason", new_values."ended_on", new_values."id", new_values."person_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."region_id", new_values."scheme", new_values."started_on", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='edffb68c6e1d5dff2280780a809c47c93626b86e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_589e6', referencing='REFERENCING NEW TABLE AS new_values ', table='enrollment_enrollment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='enrollment',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_enrollmentevent" ("end_reason", "ended_on", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "region_id", "scheme", "started_on", "state") SELECT new_values."end_reason", new_values."ended_on", new_values."id", new_values."person_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason", new_values."region_id", new_values."scheme", new_values."started_on", new_values."state" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='fecb30c15c4c23cc1b913b36460101d2919d8cfd', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7b25c', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enrollment_enrollment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='enrollment',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_enrollmentevent" ("end_reason", "ended_on", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "region_id", "scheme", "started_on", "state") SELECT old_values."end_reason", old_values."ended_on", old_values."id", old_values."person_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."region_id", old_values."scheme", old_values."started_on", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='51e6b6f2b9d24b1514f65f1f86ac64137e1b2d62', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c6a4d', referencing='REFERENCING OLD TABLE AS old_values ', table='enrollment_enrollment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='person',
                trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_personevent" ("birth_date", "created_at", "death_date", "gender", "id", "id_alias", "id_number", "id_type", "initials", "merged_into_id", "name", "person_class", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "version") SELECT new_values."birth_date", new_values."created_at", new_values."death_date", new_values."gender", new_values."id", new_values."id_alias", new_values."id_number", new_values."id_type", new_values."initials", new_values."merged_into_id", new_values."name", new_values."person_class", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone", new_values."region_id", new_values."version" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='55744af1fe8240872186271fa5e3e8bc4e6fb0b8', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_ec04f', referencing='REFERENCING NEW TABLE AS new_values ', table='enrollment_person', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='person',
                trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_personevent" ("birth_date", "created_at", "death_date", "gender", "id", "id_alias", "id_number", "id_type", "initials", "merged_into_id", "name", "person_class", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "version") SELECT new_values."birth_date", new_values."created_at", new_values."death_date", new_values."gender", new_values."id", new_values."id_alias", new_values."id_number", new_values."id_type", new_values."initials", new_values."merged_into_id", new_values."name", new_values."person_class", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."phone", new_values."region_id", new_values."version" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6e15cb1503b240b6fba08bbcf63e932e95dc5b6c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1a557', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='enrollment_person', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='person',
                trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "enrollment_personevent" ("birth_date", "created_at", "death_date", "gender", "id", "id_alias", "id_number", "id_type", "initials", "merged_into_id", "name", "person_class", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "version") SELECT old_values."birth_date", old_values."created_at", old_values."death_date", old_values."gender", old_values."id", old_values."id_alias", old_values."id_number", old_values."id_type", old_values."initials", old_values."merged_into_id", old_values."name", old_values."person_class", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone", old_values."region_id", old_values."version" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8764cbdfc54785b58796cd149faab8e70c974121', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_503e4', referencing='REFERENCING OLD TABLE AS old_values ', table='enrollment_person', when='AFTER')),
            )],
        ),
        bureau.triggers.InstallTriggers(
        ),
    ]
