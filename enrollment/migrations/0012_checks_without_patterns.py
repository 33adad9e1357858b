import bureau.migrating
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0006_leaner_keys'),
        ('enrollment', '0011_shared_parents'),
    ]

    operations = [
        bureau.migrating.Together([
        migrations.RemoveConstraint(
            model_name='person',
            name='person_id_number_normal',
        ),
        migrations.RemoveConstraint(
            model_name='person',
            name='person_id_card_format',
        ),
        ]),
        bureau.migrating.Together([
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('id_number', ''), _negated=True), django.db.models.lookups.Exact(models.Func(models.F('id_number'), models.Value('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ/()-'), function='rtrim', output_field=models.CharField()), models.Value(''))), name='person_id_number_normal', violation_error_message='The ID number is not in its normal form.'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('id_type', '01'), _negated=True), models.Q(django.db.models.lookups.Exact(django.db.models.functions.text.Length('id_number'), 18), models.Q(('id_number__startswith', '0'), _negated=True), django.db.models.lookups.Exact(models.Func(django.db.models.functions.text.Left('id_number', 17), models.Value('0123456789'), function='rtrim', output_field=models.CharField()), models.Value('')), django.db.models.lookups.Exact(models.Func(models.F('id_number'), models.Value('0123456789X'), function='rtrim', output_field=models.CharField()), models.Value(''))), _connector='OR'), name='person_id_card_format', violation_error_message='A resident ID card number has 18 characters.'),
        ),
        ]),
    ]
