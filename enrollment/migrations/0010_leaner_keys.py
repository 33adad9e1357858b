import bureau.migrating
import bureau.triggers
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0006_leaner_keys'),
        ('bureau', '__first__'),
        ('enrollment', '0009_counter'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        bureau.migrating.Together([migrations.RemoveConstraint(
            model_name='person',
            name='person_id_number_normal',
        ),
        migrations.RemoveConstraint(
            model_name='person',
            name='person_id_card_format',
        )]),
        bureau.migrating.Together([migrations.RemoveIndex(
            model_name='change',
            name='change_region_page',
        ),
        migrations.RemoveIndex(
            model_name='person',
            name='person_name',
        )]),
        bureau.migrating.Together([migrations.AlterField(
            model_name='change',
            name='enrollment',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.enrollment', verbose_name='enrolment'),
        ),
        migrations.AlterField(
            model_name='change',
            name='made_by',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AlterField(
            model_name='change',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='enrollment.person', verbose_name='person'),
        ),
        migrations.AlterField(
            model_name='change',
            name='region',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region'),
        ),
        migrations.AlterField(
            model_name='enrollment',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='enrollment.person', verbose_name='person'),
        ),
        migrations.AlterField(
            model_name='enrollment',
            name='region',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='pooling region'),
        ),
        migrations.AlterField(
            model_name='enrollmentevent',
            name='person',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='person'),
        ),
        migrations.AlterField(
            model_name='enrollmentevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AlterField(
            model_name='enrollmentevent',
            name='region',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='pooling region'),
        ),
        migrations.AlterField(
            model_name='household',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.household', verbose_name='merged into'),
        ),
        migrations.AlterField(
            model_name='household',
            name='payer',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enrollment.person', verbose_name='payer'),
        ),
        migrations.AlterField(
            model_name='household',
            name='region',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region'),
        ),
        migrations.AlterField(
            model_name='householdevent',
            name='merged_into',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.household', verbose_name='merged into'),
        ),
        migrations.AlterField(
            model_name='householdevent',
            name='payer',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='payer'),
        ),
        migrations.AlterField(
            model_name='householdevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AlterField(
            model_name='householdevent',
            name='region',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region'),
        ),
        migrations.AlterField(
            model_name='householdmember',
            name='guardian',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='wards', to='enrollment.person', verbose_name='guardian'),
        ),
        migrations.AlterField(
            model_name='householdmember',
            name='household',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='enrollment.household', verbose_name='household'),
        ),
        migrations.AlterField(
            model_name='householdmember',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='enrollment.person', verbose_name='person'),
        ),
        migrations.AlterField(
            model_name='householdmemberevent',
            name='guardian',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='guardian'),
        ),
        migrations.AlterField(
            model_name='householdmemberevent',
            name='household',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.household', verbose_name='household'),
        ),
        migrations.AlterField(
            model_name='householdmemberevent',
            name='person',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='person'),
        ),
        migrations.AlterField(
            model_name='householdmemberevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AlterField(
            model_name='person',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='former', to='enrollment.person', verbose_name='merged into'),
        ),
        migrations.AlterField(
            model_name='person',
            name='region',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bureau.region', verbose_name='region'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='merged_into',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='enrollment.person', verbose_name='merged into'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AlterField(
            model_name='personevent',
            name='region',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='bureau.region', verbose_name='region'),
        )]),
        bureau.migrating.Together([migrations.AddIndex(
            model_name='household',
            index=models.Index(condition=models.Q(('payer__isnull', False)), fields=['payer'], name='household_payer'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='household_merged_into'),
        ),
        migrations.AddIndex(
            model_name='householdmember',
            index=models.Index(condition=models.Q(('guardian__isnull', False)), fields=['guardian'], name='member_guardian'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='person_merged_into'),
        )]),
        bureau.migrating.Together([migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('id_number__regex', '^[0-9A-Z/()\\-]+$')), name='person_id_number_normal', violation_error_message='The ID number is not in its normal form.'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('id_type', '01'), _negated=True), models.Q(django.db.models.lookups.Exact(django.db.models.functions.text.Length('id_number'), 18), ('id_number__regex', '^[1-9][0-9]+[0-9X]$')), _connector='OR'), name='person_id_card_format', violation_error_message='A resident ID card number has 18 characters.'),
        )]),
        bureau.triggers.ChangeTriggers(
            operations=[pgtrigger.migrations.AddTrigger(
                model_name='enrollment',
                trigger=pgtrigger.compiler.Trigger(name='region_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."region_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "bureau_region" p WHERE p."code" = n."region_id")) THEN RAISE EXCEPTION \'enrollment_enrollment.region_id refers to no row of bureau_region\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_enrollment\', COLUMN = \'region_id\'; END IF; RETURN NULL;', hash='f329d5bcf357e9a0bbfde0f3a67d30fe99c4410c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_region_is_known_d3b96', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_enrollment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='enrollment',
                trigger=pgtrigger.compiler.Trigger(name='region_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."region_id" IS NOT NULL AND NEW."region_id" IS DISTINCT FROM OLD."region_id")', func='IF NOT EXISTS (SELECT FROM "bureau_region" p WHERE p."code" = NEW."region_id") THEN RAISE EXCEPTION \'enrollment_enrollment.region_id refers to no row of bureau_region\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_enrollment\', COLUMN = \'region_id\'; END IF; RETURN NULL;', hash='bf90f8bbc1a5951538bac80a92e0c109cca89c5b', operation='UPDATE OF "region_id"', pgid='pgtrigger_region_stays_known_8a74c', table='enrollment_enrollment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='enrollment',
                trigger=pgtrigger.compiler.Trigger(name='person_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."person_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = n."person_id")) THEN RAISE EXCEPTION \'enrollment_enrollment.person_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_enrollment\', COLUMN = \'person_id\'; END IF; RETURN NULL;', hash='12fbd943dc6a3dfb6000d92f3636b578fb93455e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_person_is_known_08034', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_enrollment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='enrollment',
                trigger=pgtrigger.compiler.Trigger(name='person_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."person_id" IS NOT NULL AND NEW."person_id" IS DISTINCT FROM OLD."person_id")', func='IF NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = NEW."person_id") THEN RAISE EXCEPTION \'enrollment_enrollment.person_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_enrollment\', COLUMN = \'person_id\'; END IF; RETURN NULL;', hash='1e6afae7abc0575995d68e30c5d620d1ffe2c42e', operation='UPDATE OF "person_id"', pgid='pgtrigger_person_stays_known_dfe17', table='enrollment_enrollment', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='household',
                trigger=pgtrigger.compiler.Trigger(name='enrollment_household_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_household rows are kept: others refer to them' USING ERRCODE = 'BU001', TABLE = 'enrollment_household';", hash='20b0779b1dad26a2fc8f75441242d7c141522eca', operation='DELETE', pgid='pgtrigger_enrollment_household_is_kept_39d20', table='enrollment_household', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='household',
                trigger=pgtrigger.compiler.Trigger(name='enrollment_household_keeps_key', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."id" IS DISTINCT FROM OLD."id")', func="RAISE EXCEPTION 'enrollment_household rows are kept: others refer to them' USING ERRCODE = 'BU001', TABLE = 'enrollment_household';", hash='38a1492724234e19b4ae7073e7f01bbbee7d6c13', operation='UPDATE OF "id"', pgid='pgtrigger_enrollment_household_keeps_key_6533e', table='enrollment_household', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='household',
                trigger=pgtrigger.compiler.Trigger(name='region_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."region_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "bureau_region" p WHERE p."code" = n."region_id")) THEN RAISE EXCEPTION \'enrollment_household.region_id refers to no row of bureau_region\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_household\', COLUMN = \'region_id\'; END IF; RETURN NULL;', hash='8d5129ffae0271b6853a40456badf20ce918039c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_region_is_known_a3672', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_household', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='household',
                trigger=pgtrigger.compiler.Trigger(name='region_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."region_id" IS NOT NULL AND NEW."region_id" IS DISTINCT FROM OLD."region_id")', func='IF NOT EXISTS (SELECT FROM "bureau_region" p WHERE p."code" = NEW."region_id") THEN RAISE EXCEPTION \'enrollment_household.region_id refers to no row of bureau_region\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_household\', COLUMN = \'region_id\'; END IF; RETURN NULL;', hash='cf106dfa5ecba0003423d5307bcbfb067b91664e', operation='UPDATE OF "region_id"', pgid='pgtrigger_region_stays_known_5a40c', table='enrollment_household', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='household',
                trigger=pgtrigger.compiler.Trigger(name='payer_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."payer_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = n."payer_id")) THEN RAISE EXCEPTION \'enrollment_household.payer_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_household\', COLUMN = \'payer_id\'; END IF; RETURN NULL;', hash='f2cfebe221ec8aa83581b84eaf342cffbeb4f2ce', level='STATEMENT', operation='INSERT', pgid='pgtrigger_payer_is_known_f5727', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_household', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='household',
                trigger=pgtrigger.compiler.Trigger(name='payer_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."payer_id" IS NOT NULL AND NEW."payer_id" IS DISTINCT FROM OLD."payer_id")', func='IF NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = NEW."payer_id") THEN RAISE EXCEPTION \'enrollment_household.payer_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_household\', COLUMN = \'payer_id\'; END IF; RETURN NULL;', hash='8b95bd19c94670a8c86f98980970da42df0061ff', operation='UPDATE OF "payer_id"', pgid='pgtrigger_payer_stays_known_bf691', table='enrollment_household', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='household',
                trigger=pgtrigger.compiler.Trigger(name='merged_into_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."merged_into_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "enrollment_household" p WHERE p."id" = n."merged_into_id")) THEN RAISE EXCEPTION \'enrollment_household.merged_into_id refers to no row of enrollment_household\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_household\', COLUMN = \'merged_into_id\'; END IF; RETURN NULL;', hash='1d92ae03a63fee6f6efa559864f21e89b4e77055', level='STATEMENT', operation='INSERT', pgid='pgtrigger_merged_into_is_known_4a975', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_household', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='household',
                trigger=pgtrigger.compiler.Trigger(name='merged_into_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."merged_into_id" IS NOT NULL AND NEW."merged_into_id" IS DISTINCT FROM OLD."merged_into_id")', func='IF NOT EXISTS (SELECT FROM "enrollment_household" p WHERE p."id" = NEW."merged_into_id") THEN RAISE EXCEPTION \'enrollment_household.merged_into_id refers to no row of enrollment_household\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_household\', COLUMN = \'merged_into_id\'; END IF; RETURN NULL;', hash='a3116637f941f58f159a84f2bbf19585882b831d', operation='UPDATE OF "merged_into_id"', pgid='pgtrigger_merged_into_stays_known_c92a1', table='enrollment_household', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='householdmember',
                trigger=pgtrigger.compiler.Trigger(name='household_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."household_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "enrollment_household" p WHERE p."id" = n."household_id")) THEN RAISE EXCEPTION \'enrollment_householdmember.household_id refers to no row of enrollment_household\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_householdmember\', COLUMN = \'household_id\'; END IF; RETURN NULL;', hash='b10ef589002d7d8bd870a6eeea18378d63ffe7e6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_household_is_known_baf6e', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_householdmember', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='householdmember',
                trigger=pgtrigger.compiler.Trigger(name='household_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."household_id" IS NOT NULL AND NEW."household_id" IS DISTINCT FROM OLD."household_id")', func='IF NOT EXISTS (SELECT FROM "enrollment_household" p WHERE p."id" = NEW."household_id") THEN RAISE EXCEPTION \'enrollment_householdmember.household_id refers to no row of enrollment_household\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_householdmember\', COLUMN = \'household_id\'; END IF; RETURN NULL;', hash='f3657d07513c93fabc73475846f807a96d164b62', operation='UPDATE OF "household_id"', pgid='pgtrigger_household_stays_known_e2062', table='enrollment_householdmember', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='householdmember',
                trigger=pgtrigger.compiler.Trigger(name='person_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."person_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = n."person_id")) THEN RAISE EXCEPTION \'enrollment_householdmember.person_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_householdmember\', COLUMN = \'person_id\'; END IF; RETURN NULL;', hash='f1b921bb51bcec764c5465de2c365dede4d416a4', level='STATEMENT', operation='INSERT', pgid='pgtrigger_person_is_known_fc3e5', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_householdmember', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='householdmember',
                trigger=pgtrigger.compiler.Trigger(name='person_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."person_id" IS NOT NULL AND NEW."person_id" IS DISTINCT FROM OLD."person_id")', func='IF NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = NEW."person_id") THEN RAISE EXCEPTION \'enrollment_householdmember.person_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_householdmember\', COLUMN = \'person_id\'; END IF; RETURN NULL;', hash='62c3f3d0d9fd383f9b194cd1228f6d57381c6261', operation='UPDATE OF "person_id"', pgid='pgtrigger_person_stays_known_5e319', table='enrollment_householdmember', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='householdmember',
                trigger=pgtrigger.compiler.Trigger(name='guardian_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."guardian_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = n."guardian_id")) THEN RAISE EXCEPTION \'enrollment_householdmember.guardian_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_householdmember\', COLUMN = \'guardian_id\'; END IF; RETURN NULL;', hash='4878fb0cbea5dda60c01fd70e604c8f19d9c0551', level='STATEMENT', operation='INSERT', pgid='pgtrigger_guardian_is_known_93ab6', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_householdmember', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='householdmember',
                trigger=pgtrigger.compiler.Trigger(name='guardian_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."guardian_id" IS NOT NULL AND NEW."guardian_id" IS DISTINCT FROM OLD."guardian_id")', func='IF NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = NEW."guardian_id") THEN RAISE EXCEPTION \'enrollment_householdmember.guardian_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_householdmember\', COLUMN = \'guardian_id\'; END IF; RETURN NULL;', hash='c885a1247cdcd29b6e06e36b6663a6c327315460', operation='UPDATE OF "guardian_id"', pgid='pgtrigger_guardian_stays_known_8f6a2', table='enrollment_householdmember', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='person',
                trigger=pgtrigger.compiler.Trigger(name='enrollment_person_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'enrollment_person rows are kept: others refer to them' USING ERRCODE = 'BU001', TABLE = 'enrollment_person';", hash='ff1e3503e5e28b0e87d73f9ed9759686a50dbc24', operation='DELETE', pgid='pgtrigger_enrollment_person_is_kept_fd08b', table='enrollment_person', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='person',
                trigger=pgtrigger.compiler.Trigger(name='enrollment_person_keeps_key', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."id" IS DISTINCT FROM OLD."id")', func="RAISE EXCEPTION 'enrollment_person rows are kept: others refer to them' USING ERRCODE = 'BU001', TABLE = 'enrollment_person';", hash='20fd6a9bf93827bbef0f352f74bf5101ea01048f', operation='UPDATE OF "id"', pgid='pgtrigger_enrollment_person_keeps_key_d0dad', table='enrollment_person', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='person',
                trigger=pgtrigger.compiler.Trigger(name='region_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."region_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "bureau_region" p WHERE p."code" = n."region_id")) THEN RAISE EXCEPTION \'enrollment_person.region_id refers to no row of bureau_region\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_person\', COLUMN = \'region_id\'; END IF; RETURN NULL;', hash='e0e860730c46a2dbef0af762262a996906a7ee33', level='STATEMENT', operation='INSERT', pgid='pgtrigger_region_is_known_e9777', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_person', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='person',
                trigger=pgtrigger.compiler.Trigger(name='region_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."region_id" IS NOT NULL AND NEW."region_id" IS DISTINCT FROM OLD."region_id")', func='IF NOT EXISTS (SELECT FROM "bureau_region" p WHERE p."code" = NEW."region_id") THEN RAISE EXCEPTION \'enrollment_person.region_id refers to no row of bureau_region\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_person\', COLUMN = \'region_id\'; END IF; RETURN NULL;', hash='5820f256c7438d8abb827ed7617b369692a28e11', operation='UPDATE OF "region_id"', pgid='pgtrigger_region_stays_known_ae675', table='enrollment_person', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='person',
                trigger=pgtrigger.compiler.Trigger(name='merged_into_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM new_rows n WHERE n."merged_into_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = n."merged_into_id")) THEN RAISE EXCEPTION \'enrollment_person.merged_into_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_person\', COLUMN = \'merged_into_id\'; END IF; RETURN NULL;', hash='d82f13380c1c03339e513cd4b265de0cf125da00', level='STATEMENT', operation='INSERT', pgid='pgtrigger_merged_into_is_known_e8948', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_person', when='AFTER')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='person',
                trigger=pgtrigger.compiler.Trigger(name='merged_into_stays_known', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."merged_into_id" IS NOT NULL AND NEW."merged_into_id" IS DISTINCT FROM OLD."merged_into_id")', func='IF NOT EXISTS (SELECT FROM "enrollment_person" p WHERE p."id" = NEW."merged_into_id") THEN RAISE EXCEPTION \'enrollment_person.merged_into_id refers to no row of enrollment_person\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_person\', COLUMN = \'merged_into_id\'; END IF; RETURN NULL;', hash='cc2a1d2b6487ccf666c6f6093c1b7cf32a705d70', operation='UPDATE OF "merged_into_id"', pgid='pgtrigger_merged_into_stays_known_bc92a', table='enrollment_person', when='AFTER')),
            )],
        ),
    ]
