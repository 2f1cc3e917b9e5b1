"""The second wall, on PostgreSQL: the database itself shows a clinic's rows to that clinic alone.

The owner of the tables raises it; the web serves as another role, for which no clinic is no row. The owner sees all
only where its connection says so. See docs/adr/0019.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction

from strigil.accounts.models import Clinic, LogLine, LogPatient, Touched

HERE = "NULLIF(current_setting('strigil.clinic', true), '')::uuid"
WHOLE = "current_setting('strigil.whole', true) = 'yes'"
OPEN_AT_THE_DOOR = "accounts"
"""The app whose rows are read before it is known who comes: signing in looks somebody up by name."""
OPEN, WHOLE_POLICY = "strigil_own_clinic", "strigil_whole"

BY_LINK = """
CREATE OR REPLACE FUNCTION strigil_clinic_by_link(kind text, key text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET strigil.whole = 'yes' AS $$
  SELECT clinic_id FROM clinic_checkin WHERE kind = 'check_in' AND link_hash = key
  UNION ALL
  SELECT clinic_id FROM clinic_appointment WHERE id = CASE WHEN kind = 'appointment' THEN key::uuid END
  UNION ALL
  SELECT clinic_id FROM clinic_requestpage WHERE kind = 'page' AND address = key
$$
"""
"""A patient's link or a clinic's page leads to one clinic; nothing else is told by it."""


LOG = {
    LogLine._meta.db_table: f"{HERE} IS NULL OR clinic_id = {HERE}",
    LogPatient._meta.db_table: f"clinic_id = {HERE}",
    Touched._meta.db_table: (
        f"tx = txid_current_if_assigned() OR clinic_id = replace({HERE}::text, '-', '')"
        f""" OR {HERE} IS NULL AND starts_with("table", '{OPEN_AT_THE_DOOR}_')"""
    ),
}
"""What of the log may be seen; anything may be added. A note that waits becomes a line where its row can be seen."""


def walled() -> dict[str, str]:
    """Each table that belongs to a clinic, of itself or by what it refers to, and which rows are this clinic's."""
    found: dict[str, str] = {Clinic._meta.db_table: f"id = {HERE}"}
    waiting = [one for one in apps.get_models(include_auto_created=True) if one._meta.managed and one is not Clinic]
    for model in [one for one in waiting if _to(one, Clinic._meta.db_table)]:
        found[model._meta.db_table] = f"clinic_id = {HERE}"
    while reached := {
        model._meta.db_table: (field, field.related_model._meta.db_table)
        for model in waiting
        if model._meta.db_table not in found
        for field in _references(model)
        if field.related_model._meta.db_table in found and not field.null
    }:
        for table, (field, parent) in reached.items():
            found[table] = f'"{field.column}" IN (SELECT id FROM "{parent}")'  # noqa: S608 - names of our own tables
    return LOG | {table: _at_the_door(table, rows) for table, rows in found.items()}


def _references(model: type[models.Model]) -> list[models.ForeignKey[models.Model, models.Model]]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def _to(model: type[models.Model], table: str) -> bool:
    return any(field.name == "clinic" and field.related_model._meta.db_table == table for field in _references(model))


def _at_the_door(table: str, rows: str) -> str:
    return f"{HERE} IS NULL OR {rows}" if table.startswith(f"{OPEN_AT_THE_DOOR}_") else rows


def raise_walls(role: str) -> Sequence[str]:
    """Raise the wall for the role as which the web serves, and let that role in; again after each migration.

    Returns:
        The tables that have it.
    """
    from psycopg import sql  # only with PostgreSQL

    serving, tables = sql.Identifier(role), walled()
    with transaction.atomic(), connection.cursor() as cursor:
        # Held before anything about them changes: PostgreSQL's own cleaning would wait for us, and we for it.
        names = sql.SQL(", ").join(map(sql.Identifier, tables))
        cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names))
        cursor.execute(BY_LINK)
        cursor.execute("REVOKE ALL ON FUNCTION strigil_clinic_by_link FROM PUBLIC")
        for grant in (
            "GRANT USAGE ON SCHEMA public TO {}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}",
            "GRANT EXECUTE ON FUNCTION strigil_clinic_by_link TO {}",
        ):
            cursor.execute(sql.SQL(grant).format(serving))
        for table, rows in tables.items():
            name = sql.Identifier(table)
            for command in ("ENABLE", "FORCE"):
                cursor.execute(sql.SQL(f"ALTER TABLE {{}} {command} ROW LEVEL SECURITY").format(name))
            for policy, whom, which, added in (
                (OPEN, serving, rows, "true" if table in LOG else rows),
                (WHOLE_POLICY, sql.SQL("CURRENT_USER"), WHOLE, WHOLE),
            ):
                held = sql.Identifier(policy)
                cursor.execute(sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(held, name))
                made = sql.SQL("CREATE POLICY {} ON {} TO {} USING ({which}) WITH CHECK ({added})")
                cursor.execute(made.format(held, name, whom, which=sql.SQL(which), added=sql.SQL(added)))
    return sorted(tables)


def faults() -> list[str]:
    """What keeps the wall from holding for whoever is connected; each says what to do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        found = ["The role passes every wall. Serve as a role without SUPERUSER and BYPASSRLS."] * cursor.fetchone()[0]
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, pg_has_role(c.relowner, 'MEMBER'),"
            " EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = %s)"
            " FROM pg_class c WHERE c.relname = ANY(%s) AND c.relnamespace = 'public'::regnamespace",
            [OPEN, list(walled())],
        )
        rows = cursor.fetchall()
    if any(owned for _, _, owned, _ in rows) and not found:
        found.append("The role owns the tables. Serve as another role than the one that migrates.")
    if bare := sorted(table for table, stands, _, named in rows if not (stands and named)):
        found.append(f"No wall around: {', '.join(bare)}. Run: strigil walls --role ROLE, as the tables' owner.")
    return found


@contextmanager
def within(clinic: UUID | None) -> Iterator[None]:
    """For one transaction, the rows of one clinic; None: of none."""
    enter(clinic)
    yield
    enter(None)


def enter(clinic: UUID | None) -> None:
    """From here to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('strigil.clinic', %s, true)", [str(clinic or "")])


def clinic_by_link(kind: str, key: str) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT strigil_clinic_by_link(%s, %s)", [kind, key])
        found: UUID | None = cursor.fetchone()[0]
    return found
