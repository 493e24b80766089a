"""The trail cannot be changed or thinned out, not even by the program that writes it: the database refuses."""

from django.db import migrations

POSTGRESQL = [
    """
    CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'The audit trail is append-only.';
    END $$
    """,
    """
    CREATE TRIGGER audit_event_is_append_only_rows BEFORE UPDATE OR DELETE ON staff_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only()
    """,
    """
    CREATE TRIGGER audit_event_is_append_only_truncate BEFORE TRUNCATE ON staff_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()
    """,
]
SQLITE = [
    *(
        f"""
        CREATE TRIGGER audit_event_is_append_only_{verb} BEFORE {verb} ON staff_auditevent
        BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only.'); END
        """
        for verb in ("update", "delete")
    ),
    # REPLACE takes a row away without asking the triggers on delete.
    """
    CREATE TRIGGER audit_event_is_append_only_replace BEFORE INSERT ON staff_auditevent
    WHEN EXISTS (SELECT 1 FROM staff_auditevent WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only.'); END
    """,
]


def add(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER audit_event_is_append_only_truncate ON staff_auditevent")
        schema_editor.execute("DROP TRIGGER audit_event_is_append_only_rows ON staff_auditevent")
        schema_editor.execute("DROP FUNCTION audit_event_is_append_only()")
    else:
        for verb in ("update", "delete", "replace"):
            schema_editor.execute(f"DROP TRIGGER audit_event_is_append_only_{verb}")


class Migration(migrations.Migration):
    dependencies = [("staff", "0001_initial")]

    operations = [migrations.RunPython(add, remove)]
