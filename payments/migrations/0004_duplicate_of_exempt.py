from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bureau', '0003_role_conflicts'),
        ('enrollment', '0003_register'),
        ('payments', '0003_reference'),
    ]

    operations = [
        migrations.AddField(
            model_name='duplicatepayment',
            name='exempt_by',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='cover by aid that carries the year'),
        ),
        migrations.AlterField(
            model_name='duplicatepayment',
            name='carried_by',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='payment that carries the year'),
        ),
        migrations.AddConstraint(
            model_name='duplicatepayment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('carried_by__isnull', False), ('exempt_by__isnull', True)), models.Q(('carried_by__isnull', True), ('exempt_by__isnull', False)), _connector='OR'), name='duplicate_of_one', violation_error_message='A duplicate names what carries the year: a payment, or cover by aid.'),
        ),
    ]
