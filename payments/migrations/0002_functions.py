from django.db import migrations

from bureau.names import BLANKS, MIDDLE_DOT, MIDDLE_DOTS, private_use_twins


def _literal(text):
    """An SQL string literal of code points, so that the statement itself is plain ASCII."""
    return "U&'" + "".join(f"\\+{ord(char):06X}" for char in text) + "'"


_TWINS = private_use_twins()
FOLD_NAME = f"""
CREATE FUNCTION payments_fold_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT translate(normalize(translate(name, {_literal("".join(_TWINS))}, {_literal("".join(_TWINS.values()))}), NFKC),
                 {_literal(MIDDLE_DOTS + BLANKS)}, {_literal(MIDDLE_DOT * len(MIDDLE_DOTS))})
$$
"""
DAY = """
CREATE FUNCTION payments_day(day text) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT CASE WHEN day ~ '^(19|20|21)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$'
             AND substr(day, 7, 2)::int <= extract(day FROM
                 make_date(substr(day, 1, 4)::int, substr(day, 5, 2)::int, 1) + interval '1 month' - interval '1 day')
            THEN make_date(substr(day, 1, 4)::int, substr(day, 5, 2)::int, substr(day, 7, 2)::int) END
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL("CREATE SCHEMA IF NOT EXISTS staging", "DROP SCHEMA IF EXISTS staging CASCADE"),
        migrations.RunSQL(FOLD_NAME, "DROP FUNCTION IF EXISTS payments_fold_name(text)"),
        migrations.RunSQL(DAY, "DROP FUNCTION IF EXISTS payments_day(text)"),
    ]
