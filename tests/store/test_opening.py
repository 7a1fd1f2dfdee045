"""Opening a database: what is refused, in one sentence, and how the tables come to be."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from monitor.errors import StoreTooNew, StoreUnavailable
from monitor.store import migrations, schema
from monitor.store.database import open_store


@pytest.fixture
def ordinary_user():
    """Permissions mean nothing to root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def refusal_of(address, error=StoreUnavailable, **options) -> str:
    with pytest.raises(error) as refused:
        open_store(address, **options)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_migrated_tables_are_the_ones_the_code_knows(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []


def test_indexes_of_migrated_tables_are_the_ones_the_code_knows(tmp_path):
    # Alembic does not compare what an index is restricted to.
    with open_store(tmp_path / "migrated.db") as store, store.engine.connect() as connection:
        migrated = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all()
        schema.metadata.drop_all(connection)
        schema.metadata.create_all(connection)
        created = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all()
    without_spaces = [{name: "".join((sql or "").split()) for name, sql in rows} for rows in (migrated, created)]
    assert without_spaces[0] == without_spaces[1]


def test_the_newest_step_is_the_one_that_opening_expects():
    assert ScriptDirectory(migrations.__path__[0]).get_heads() == [migrations.HEAD]


def test_opening_what_is_up_to_date_loads_no_migrations(tmp_path):
    path = tmp_path / "b.db"
    open_store(path).close()
    program = (
        "import sys; from monitor.store.database import open_store; open_store(sys.argv[1]).close();"
        "print([m for m in ('alembic', 'river', 'networkx') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


def test_opening_again_changes_nothing(address, posts, open_again):
    store = open_again()
    store.commit(posts.commit(range(10)))
    store.close()
    assert open_again().counts() == {"posts": 10, "mentions": 10}


def test_steps_are_applied_one_after_the_other_to_what_is_older(address, posts, open_again, monkeypatch, tmp_path):
    store = open_again()
    store.commit(posts.commit(range(10)))
    store.close()
    newer = tmp_path / "migrations"
    (newer / "versions").mkdir(parents=True)
    for number in (2, 3):
        (newer / "versions" / f"v000{number}.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n"
            f"revision = '000{number}'\ndown_revision = '000{number - 1}'\n"
            f"def upgrade():\n    op.add_column('topics', sa.Column('extra_{number}', sa.Integer()))\n"
        )
    shutil.copy(Path(migrations.__path__[0]) / "versions" / "v0001.py", newer / "versions")
    monkeypatch.setattr(migrations, "__path__", [str(newer)])
    monkeypatch.setattr("monitor.store.database.HEAD", "0003")
    store = open_again()
    assert store.counts() == {"posts": 10, "mentions": 10}
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(extra_2) + count(extra_3) FROM topics").scalar_one() == 0
        assert migrations.revision_of(connection, "") == "0003"
    store.close()


def test_a_step_that_fails_leaves_the_database_as_it_was(address, posts, open_again, monkeypatch, tmp_path):
    open_again().close()
    newer = tmp_path / "migrations"
    (newer / "versions").mkdir(parents=True)
    shutil.copy(Path(migrations.__path__[0]) / "versions" / "v0001.py", newer / "versions")
    (newer / "versions" / "v0002.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision = '0002'\ndown_revision = '0001'\n"
        "def upgrade():\n    op.add_column('topics', sa.Column('extra', sa.Integer()))\n    1 / 0\n"
    )
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "__path__", [str(newer)])
        patch.setattr("monitor.store.database.HEAD", "0002")
        with pytest.raises(ZeroDivisionError):
            open_again()
    store = open_again()
    with store.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0001"
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_a_database_of_a_newer_version_is_refused_and_left_alone(address, open_again):
    store = open_again()
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    message = refusal_of(address, StoreTooNew)
    assert message.endswith("was written by a newer badbuzz (step 9999); upgrade badbuzz to read it")


def test_what_is_no_database_is_refused(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear all, this is not a database. " * 40)
    assert refusal_of(path) == f"the database {path} is not a badbuzz database; give the path of another file"
    assert path.read_text().startswith("Dear all")


def test_a_folder_is_refused(tmp_path):
    assert f"the database {tmp_path} is a folder; give the path of a file in it" in refusal_of(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    path = tmp_path / "none" / "b.db"
    assert refusal_of(path).startswith(f"the database {path} cannot be opened; check that the folder exists")


def test_a_folder_one_may_not_write_in_is_refused(ordinary_user):
    path = "/b.db"
    assert refusal_of(path).startswith(f"the database {path} cannot be")


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE invoices (id INTEGER)")
    assert "belongs to another program (it holds 'invoices')" in refusal_of(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("invoices",)]


def test_a_damaged_database_is_refused(tmp_path, posts):
    path = tmp_path / "b.db"
    with open_store(path) as store:
        store.commit(posts.commit(range(100)))
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 8_000)
    assert refusal_of(path) == f"the database {path} is damaged; restore a backup or start with a new file"


def test_a_missing_database_is_not_made_when_only_looking(tmp_path):
    path = tmp_path / "b.db"
    assert refusal_of(path, create=False).startswith(f"there is no database {path};")
    assert not path.exists()


def test_an_empty_database_is_not_filled_when_only_looking(address):
    if not address.startswith("postgresql"):
        Path(address).touch()
    assert "is empty; `badbuzz run` and `badbuzz replay` fill it" in refusal_of(address, create=False)


@pytest.mark.parametrize("address", ["mysql://root:hunter2@db/x", "http://example.org/b.db", "sqlite://"])
def test_other_kinds_of_database_are_refused_without_showing_a_password(address):
    message = refusal_of(address)
    assert "is not supported; use sqlite:///PATH or postgresql://" in message
    assert "hunter2" not in message


def test_a_server_that_is_not_there_is_said_without_the_password():
    message = refusal_of("postgresql://ana:hunter2@127.0.0.1:1/x?connect_timeout=1")
    assert message.startswith("the database postgresql://ana:***@127.0.0.1:1/x")
    assert "hunter2" not in message


@pytest.mark.postgresql
def test_a_database_the_server_does_not_have_is_said(postgresql_server):
    message = refusal_of(f"postgresql://badbuzz@/nowhere?host={postgresql_server}")
    assert 'database "nowhere" does not exist' in message


def test_one_database_has_one_address_however_it_is_written(tmp_path, posts):
    path = tmp_path / "b d%20é.db"
    with open_store(path) as store:
        store.commit(posts.commit(range(3)))
    for same in (path, str(path), f"sqlite:///{quote(str(path))}"):
        with open_store(same, create=False) as store:
            assert store.counts() == {"posts": 3, "mentions": 3}


def test_sqlite_keeps_its_promises_by_these_settings(tmp_path):
    with open_store(tmp_path / "b.db") as store, store.engine.connect() as connection:

        def value(setting):
            return connection.exec_driver_sql(f"PRAGMA {setting}").scalar_one()

        assert value("journal_mode") == "wal"
        assert value("synchronous") == 2, "FULL: a power cut loses no committed batch"
        assert value("secure_delete") == 1
        assert value("foreign_keys") == 1


def test_errors_never_show_what_people_posted(tmp_path, posts):
    with open_store(tmp_path / "b.db") as store:
        batch = posts.commit([posts.kept(0, text="secret words", topic=None)])
        with pytest.raises(Exception, match="NOT NULL") as failed:
            store.commit(batch)
        assert "secret words" not in str(failed.value)
