"""Nobody holds two roles of a conflicting pair (design: reliability I23), whoever writes the row."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION bureau_refuse_role_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  other text;
BEGIN
  PERFORM FROM bureau_user u WHERE u.id = NEW.user_id FOR NO KEY UPDATE;
  SELECT held.name INTO other
    FROM auth_group given
    JOIN (VALUES
      ('clerk', 'supervisor'), ('clerk', 'tax_officer'), ('supervisor', 'tax_officer'),
      ('auditor', 'clerk'), ('auditor', 'supervisor'), ('auditor', 'tax_officer'),
      ('sysadmin', 'clerk'), ('sysadmin', 'supervisor'), ('sysadmin', 'tax_officer'), ('sysadmin', 'auditor')
    ) AS pair (one, two) ON given.name IN (pair.one, pair.two)
    JOIN auth_group held ON held.name IN (pair.one, pair.two) AND held.name <> given.name
    JOIN bureau_user_groups has ON has.group_id = held.id AND has.user_id = NEW.user_id
   WHERE given.id = NEW.group_id
   ORDER BY held.name
   LIMIT 1;
  IF other IS NOT NULL THEN
    RAISE EXCEPTION 'one person must not hold this role together with %', other
      USING ERRCODE = 'check_violation', CONSTRAINT = 'user_roles_conflict', TABLE = 'bureau_user_groups';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER user_roles_conflict AFTER INSERT OR UPDATE ON bureau_user_groups
  FOR EACH ROW EXECUTE FUNCTION bureau_refuse_role_conflict();
"""
BACKWARD = """
DROP TRIGGER user_roles_conflict ON bureau_user_groups;
DROP FUNCTION bureau_refuse_role_conflict();
"""


class Migration(migrations.Migration):
    """A trigger on the user's groups."""

    dependencies = [("bureau", "0002_reference"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
