"""On PostgreSQL, Event, SealedEvent and Seal refuse UPDATE, DELETE and TRUNCATE, whoever asks; roles other than the owner lose the right.

ENABLE ALWAYS: also in a session that plays a replica. What a superuser does after dropping the triggers, the seals show.
"""

from django.db import migrations

TABLES = ("core_event", "core_seal", "core_sealedevent")

FUNCTION = """
CREATE FUNCTION core_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% 只能追加,不能 %', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""
TRIGGERS = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} EXECUTE FUNCTION core_append_only();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION core_append_only();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC
"""
RIGHTS = """
DO $$
DECLARE
    role text;
    found regclass;
BEGIN
    FOR found, role IN
        SELECT DISTINCT pg_class.oid::regclass, grantee::regrole::text
        FROM pg_class, aclexplode(relacl)
        WHERE pg_class.oid IN ('core_event'::regclass, 'core_seal'::regclass, 'core_sealedevent'::regclass)
            AND grantee <> relowner AND grantee <> 0
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %s', found, role);
    END LOOP;
END $$
"""
BACK = """
DROP TRIGGER {table}_append_only ON {table};
DROP TRIGGER {table}_no_truncate ON {table}
"""


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in (FUNCTION, *(TRIGGERS.format(table=table) for table in TABLES), RIGHTS):
            schema_editor.execute(statement, None)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in (*(BACK.format(table=table) for table in TABLES), "DROP FUNCTION core_append_only()"):
            schema_editor.execute(statement, None)


class Migration(migrations.Migration):
    dependencies = [("core", "0003_seals")]

    operations = [migrations.RunPython(forwards, backwards)]
