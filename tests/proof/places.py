"""How the cells of a stored database are read, without Etalon: one class for each engine, the same cells from both.

A cell is None, an int, a str (text) or bytes (blob); cells of row tables come as the canonical bytes of their element.
"""

import json
import os
import sqlite3
import subprocess

import contract


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class Place:
    """A database and the program."""

    def __init__(self, etalon, url):
        self.etalon, self.url = etalon, url
        self.failures = []     # of commands that should have done what they were told
        self.table_path = ""  # of the database in a manifest: Proof/1 is Proof_1

    def run(self, *arguments, stdin=None):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ETALON_")}
        return subprocess.run([self.etalon, "-d", self.url, *map(str, arguments)], input=stdin, capture_output=True, text=True, check=False,
                              errors="surrogateescape", env=environment)

    def do(self, *arguments, stdin=None, status=0):
        done = self.run(*arguments, stdin=stdin)
        if done.returncode != status:
            self.failures.append(f"etalon {' '.join(map(str, arguments))}: status {done.returncode}, expected {status}: {done.stdout}{done.stderr}")
        return done


class SqlitePlace(Place):
    engine = "SQLite"

    def __init__(self, etalon, file):
        super().__init__(etalon, f"sqlite:{file}")
        self.file = file

    def connect(self):
        connection = sqlite3.connect(self.file)
        connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        return connection

    def columns(self, table):
        with self.connect() as connection:
            # The generated column ID of payload is no column of table_info.
            return [row[1] for row in connection.execute(f"PRAGMA table_xinfo({quoted(table)})")]

    def rows(self, table):
        with self.connect() as connection:
            cursor = connection.execute(f"SELECT * FROM {quoted(table)}")
            names = [one[0] for one in cursor.description]
            return [dict(zip(names, row)) for row in cursor]

    def payload_rows(self, table, data_id, elements, columns):
        with self.connect() as connection:
            stored = connection.execute(f"SELECT \"rowNumber\", {', '.join(map(quoted, columns))} FROM {quoted(table)} WHERE \"dataID\" = ? "
                                        "ORDER BY \"rowNumber\"", [data_id]).fetchall()
        assert [row[0] for row in stored] == list(range(len(stored))), f"{table} {data_id}: rowNumber is not counted from 0"
        return [[contract.sqlite_cell(element, cell) for element, cell in zip(elements, row[1:])] for row in stored]

    def change(self, *statements):
        """Runs SQL as somebody would who takes the triggers away and puts them back."""
        connection = self.connect()
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {quoted(name)}")
        changed = 0
        for statement in statements:
            parameters = []
            if not isinstance(statement, str):
                statement, *parameters = statement
            changed += connection.execute(statement, parameters).rowcount
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()
        connection.close()
        return changed


class PostgresPlace(Place):
    engine = "PostgreSQL"

    def __init__(self, etalon, server, schema):
        super().__init__(etalon, f"{server}#{schema}")
        self.server, self.schema = server, schema
        self.types = {}

    def psql(self, sql):
        done = subprocess.run(["psql", "--no-psqlrc", "-qAt", "--set", "ON_ERROR_STOP=1", self.server], input=sql, capture_output=True, text=True,
                              check=False, env={**os.environ, "PGCLIENTENCODING": "UTF8"})
        if done.returncode != 0:
            raise AssertionError(f"psql: {done.stderr}\n{sql[:500]}")
        return [line for line in done.stdout.split("\n") if line]

    def drop(self):
        self.psql(f"SET client_min_messages = warning; DROP SCHEMA IF EXISTS {quoted(self.schema)} CASCADE;")

    def column_types(self, table):
        # Structs may have been registered since.
        if table not in self.types:
            self.types = {}
            for line in self.psql("SELECT json_build_array(table_name, column_name, data_type) FROM information_schema.columns "
                                  f"WHERE table_schema = '{self.schema}' ORDER BY ordinal_position"):
                name, column, kind = json.loads(line)
                self.types.setdefault(name, {})[column] = kind
        return self.types[table]

    def columns(self, table):
        return list(self.column_types(table))

    def rows(self, table):
        types = self.column_types(table)
        chosen = ", ".join(f"encode({quoted(c)}, 'hex') AS {quoted(c)}" if kind == "bytea" else
                           f"encode(uuid_send({quoted(c)}), 'hex') AS {quoted(c)}" if kind == "uuid" else quoted(c) for c, kind in types.items())
        result = []
        for line in self.psql(f"SELECT row_to_json(t) FROM (SELECT {chosen} FROM {quoted(self.schema)}.{quoted(table)}) t"):
            row = json.loads(line)
            for column, kind in types.items():
                if row[column] is not None and kind in ("bytea", "uuid"):
                    row[column] = bytes.fromhex(row[column])
                elif isinstance(row[column], bool):
                    row[column] = int(row[column])
            result.append(row)
        return result

    def payload_rows(self, table, data_id, elements, columns):
        types = self.column_types(table)
        chosen = []
        for element, column in zip(elements, columns):
            kind, name = types[column], quoted(column)
            if kind == "ARRAY":
                chosen.append(f"array_to_json({name})" if element["type"] == "uint64" else f"encode(array_send({name}), 'hex')")
            elif kind == "bytea":
                chosen.append(f"encode({name}, 'hex')")
            elif kind == "uuid":
                chosen.append(f"encode(uuid_send({name}), 'hex')")
            elif kind in ("real", "double precision"):
                chosen.append(f"encode(float{4 if kind == 'real' else 8}send({name}), 'hex')")
            elif kind == "numeric":
                chosen.append(f"{name}::text")
            else:
                chosen.append(name)
            contract.check_postgres_type(element, kind)
        chosen = ", ".join(f"{expression} AS c{i}" for i, expression in enumerate(chosen))
        result = []
        for i, line in enumerate(self.psql(f"SELECT row_to_json(t) FROM (SELECT \"rowNumber\", {chosen} FROM {quoted(self.schema)}.{quoted(table)} "
                                           f"WHERE \"dataID\" = {data_id} ORDER BY \"rowNumber\") t")):
            row = json.loads(line)
            assert row["rowNumber"] == i, f"{table} {data_id}: rowNumber is not counted from 0"
            result.append([contract.postgres_cell(element, types[column], row[f"c{c}"])
                           for c, (element, column) in enumerate(zip(elements, columns))])
        return result
