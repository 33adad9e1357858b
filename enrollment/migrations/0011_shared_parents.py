import bureau.migrating
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('enrollment', '0010_leaner_keys'),
    ]

    operations = [
        bureau.migrating.Together([
        pgtrigger.migrations.RemoveTrigger(
            model_name='enrollment',
            name='region_is_known',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='household',
            name='region_is_known',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='householdmember',
            name='household_is_known',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='person',
            name='region_is_known',
        ),
        ]),
        bureau.migrating.Together([
        pgtrigger.migrations.AddTrigger(
            model_name='enrollment',
            trigger=pgtrigger.compiler.Trigger(name='region_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM (SELECT DISTINCT "region_id" FROM new_rows) n WHERE n."region_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "bureau_region" p WHERE p."code" = n."region_id")) THEN RAISE EXCEPTION \'enrollment_enrollment.region_id refers to no row of bureau_region\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_enrollment\', COLUMN = \'region_id\'; END IF; RETURN NULL;', hash='2b2e1f5446f31bf9c0ccb7889de7159250222102', level='STATEMENT', operation='INSERT', pgid='pgtrigger_region_is_known_d3b96', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_enrollment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='household',
            trigger=pgtrigger.compiler.Trigger(name='region_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM (SELECT DISTINCT "region_id" FROM new_rows) n WHERE n."region_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "bureau_region" p WHERE p."code" = n."region_id")) THEN RAISE EXCEPTION \'enrollment_household.region_id refers to no row of bureau_region\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_household\', COLUMN = \'region_id\'; END IF; RETURN NULL;', hash='80ae41fbdaf5258974e9e77f1b4f5be3590306c4', level='STATEMENT', operation='INSERT', pgid='pgtrigger_region_is_known_a3672', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_household', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='householdmember',
            trigger=pgtrigger.compiler.Trigger(name='household_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM (SELECT DISTINCT "household_id" FROM new_rows) n WHERE n."household_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "enrollment_household" p WHERE p."id" = n."household_id")) THEN RAISE EXCEPTION \'enrollment_householdmember.household_id refers to no row of enrollment_household\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_householdmember\', COLUMN = \'household_id\'; END IF; RETURN NULL;', hash='0052ccd39b36e72e3dffd3372d84de49938b7874', level='STATEMENT', operation='INSERT', pgid='pgtrigger_household_is_known_baf6e', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_householdmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='region_is_known', sql=pgtrigger.compiler.UpsertTriggerSql(func='IF EXISTS (SELECT FROM (SELECT DISTINCT "region_id" FROM new_rows) n WHERE n."region_id" IS NOT NULL AND NOT EXISTS (SELECT FROM "bureau_region" p WHERE p."code" = n."region_id")) THEN RAISE EXCEPTION \'enrollment_person.region_id refers to no row of bureau_region\' USING ERRCODE = \'foreign_key_violation\', TABLE = \'enrollment_person\', COLUMN = \'region_id\'; END IF; RETURN NULL;', hash='2bacca62bb650487d9406656384692164ad43270', level='STATEMENT', operation='INSERT', pgid='pgtrigger_region_is_known_e9777', referencing='REFERENCING NEW TABLE AS new_rows ', table='enrollment_person', when='AFTER')),
        ),
        ]),
    ]
