import bureau.triggers
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0005_partners'),
    ]

    operations = [
        bureau.triggers.ChangeTriggers(
            operations=[pgtrigger.migrations.AddTrigger(
                model_name='region',
                trigger=pgtrigger.compiler.Trigger(name='bureau_region_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'bureau_region rows are kept: others refer to them' USING ERRCODE = 'BU001', TABLE = 'bureau_region';", hash='abcca03daa7f6cbff45f8db801660d7ab9664290', operation='DELETE', pgid='pgtrigger_bureau_region_is_kept_a5e23', table='bureau_region', when='BEFORE')),
            ), pgtrigger.migrations.AddTrigger(
                model_name='region',
                trigger=pgtrigger.compiler.Trigger(name='bureau_region_keeps_key', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."code" IS DISTINCT FROM OLD."code")', func="RAISE EXCEPTION 'bureau_region rows are kept: others refer to them' USING ERRCODE = 'BU001', TABLE = 'bureau_region';", hash='07f5c5f8652229548df6c0ea9f485a462d5da1d8', operation='UPDATE OF "code"', pgid='pgtrigger_bureau_region_keeps_key_bf7cb', table='bureau_region', when='BEFORE')),
            )],
        ),
    ]
