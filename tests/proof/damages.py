"""What somebody changes behind Etalon's back: each must be an error where it is read, and a finding of verify."""

import json
import re
import shutil

import checks
import contract
import history
import places


class Damage:
    """One change; `reads` are commands that must fail (status 3), `derived` what verify --repair must mend."""

    def __init__(self, name, statements, reads=(), derived=False):
        self.name, self.statements, self.reads, self.derived = name, statements, reads, derived


def forged(place, table, key, column, value, kind, owner):
    """The statements of somebody who also knows how checksums of rows and sets are made."""
    row = next(row for row in place.rows(table) if row["ID"] == key)
    changed = {**row, column: value}
    checksum = contract.checksum_column(table)
    new = contract.checksum_of(table, changed)
    statements = [(f'UPDATE "{table}" SET "{column}" = ?, "{checksum}" = ? WHERE "ID" = ?', value, new, key)]
    if kind:
        total = next(r["rowSum"] for r in place.rows("setProof") if (r["setKind"], r["ownerID"]) == (kind, owner)) - row[checksum] + new
        statements.append(('UPDATE "setProof" SET "rowSum" = ? WHERE "setKind" = ? AND "ownerID" = ?',
                           contract.signed(total % (1 << 64)), kind, owner))
    return statements


def damages(place):
    tables = {table: place.rows(table) for table in ("namedRef", "timeline", "dataIndex", "payload", "structure", "commitLog", "Nodes",
                                                     "namedRefPolicy", "snapshotEntry", "snapshot")}
    names = {row["name"]: row["ID"] for row in tables["namedRef"]}

    def records(name):
        return [row for row in tables["dataIndex"] if row["nameID"] == names[name]]

    first = records("alltypes")[0]
    bytes_record = records("raw")[0]
    get_all = ["get", "alltypes", "--at", "2024-01-10", "--format", "json"]
    get_raw = ["get", "raw", "--at", "2024-01-10", "--format", "json"]
    get_sensor = ["get", "sensor", "--at", "2024-01-10", "--schema", "2"]
    line = f'"nameID" = {names["alltypes"]} AND "beginTime" = {first["beginTime"]}'
    timed = next(row for row in tables["timeline"] if row["nameID"] == names["walk"] and row["recordID"] is not None and row["elementID"] == 0
                 and row["version"] == "default")
    at_timed = ["get", "walk", f"--at={history.instant(timed['beginTime'])}", "--format", "json"]
    of_timed = (f'"nameID" = {timed["nameID"]} AND "elementID" = 0 AND "version" = \'default\' AND "beginTime" = {timed["beginTime"]}')
    winner = next(row for row in tables["dataIndex"] if row["ID"] == timed["recordID"])
    yield Damage("a value in a row table", [f'UPDATE "alltypes" SET "i32" = "i32" + 1 WHERE "dataID" = {first["dataID"]}'], [get_all])
    yield Damage("a row of a row table is gone", [f'DELETE FROM "alltypes" WHERE "dataID" = {first["dataID"]} AND "rowNumber" = 0'], [get_all])
    yield Damage("a text in a row table", [f'UPDATE "alltypes" SET "label" = "label" || \'x\' WHERE "dataID" = {first["dataID"]}'], [get_all])
    yield Damage("a float becomes an integer", [f'UPDATE "alltypes" SET "f32" = NULL WHERE "dataID" = {first["dataID"]}'], [get_all])
    blob = bytearray(next(r["bytes"] for r in place.rows("bytes") if r["dataID"] == bytes_record["dataID"]))
    for what, at in (("the body of a chunk", len(blob) - 1), ("the checksum of a chunk", 9), ("the size of a chunk", 4)):
        broken = bytearray(blob)
        broken[at] ^= 1
        yield Damage(what, [('UPDATE "bytes" SET "bytes" = ? WHERE "dataID" = ?', bytes(broken), bytes_record["dataID"])], [get_raw])
    other = bytes([1, 0, 0, 0]) + (150).to_bytes(4, "little") + contract.number(contract.xxh3(bytes(150))) + bytes(150)
    yield Damage("a chunk that agrees with itself", [('UPDATE "bytes" SET "bytes" = ? WHERE "dataID" = ?', other, bytes_record["dataID"])], [get_raw])
    yield Damage("a chunk is gone", [f'DELETE FROM "bytes" WHERE "dataID" = {bytes_record["dataID"]}'], [get_raw])
    yield Damage("begin of a record", [f'UPDATE "dataIndex" SET "beginTime" = "beginTime" + 1 WHERE "ID" = {winner["ID"]}'], [at_timed])
    yield Damage("uid of a record", [('UPDATE "dataIndex" SET "uid" = ? WHERE "ID" = ?', bytes(16), winner["ID"])], [at_timed])
    yield Damage("retired behind its back", [f'UPDATE "dataIndex" SET "retiredSeq" = 1 WHERE "ID" = {winner["ID"]}'], [["history", "walk"]])
    yield Damage("a record is gone", [f'DELETE FROM "dataIndex" WHERE "ID" = {winner["ID"]}'], [["history", "walk"]])
    yield Damage("number of rows of a payload", [f'UPDATE "payload" SET "numRows" = 7 WHERE "dataID" = {first["dataID"]}'])
    yield Damage("content hash of a payload", [('UPDATE "payload" SET "contentHash" = ? WHERE "dataID" = ?', bytes(32), first["dataID"])])
    yield Damage("next of a stretch", [f'UPDATE "timeline" SET "next" = "next" - 1 WHERE {line}'], [get_all], derived=True)
    yield Damage("record of a stretch", [f'UPDATE "timeline" SET "recordID" = "recordID" + 1 WHERE {line}'], [get_all], derived=True)
    yield Damage("payload of a stretch", [f'UPDATE "timeline" SET "dataID" = "dataID" + 1 WHERE {line}'], [get_all], derived=True)
    yield Damage("a stretch is gone", [f"DELETE FROM \"timeline\" WHERE {of_timed}"], [at_timed], derived=True)
    yield Damage("a first stretch is gone", [f'DELETE FROM "timeline" WHERE "nameID" = {names["alltypes"]} AND "beginTime" < 0'],
                 [["get", "alltypes", "--at", "1980-01-01"]], derived=True)
    yield Damage("a whole timeline is gone", [f'DELETE FROM "timeline" WHERE "nameID" = {names["alltypes"]}',
                                              f'DELETE FROM "timelinePast" WHERE "nameID" = {names["alltypes"]}'], derived=True)
    yield Damage("a past stretch", [f'UPDATE "timelinePast" SET "toSeq" = "toSeq" + 1 WHERE "nameID" = {names["walk"]}'], derived=True)
    yield Damage("past stretches are gone", [f'DELETE FROM "timelinePast" WHERE "nameID" = {names["walk"]}'], derived=True)
    yield Damage("a proof of a set", [f'UPDATE "setProof" SET "rowSum" = "rowSum" + 1 WHERE "setKind" = 10 AND "ownerID" = {names["walk"]}'],
                 [["history", "walk"]], derived=True)
    yield Damage("a proof of names", ['DELETE FROM "setProof" WHERE "setKind" = 1'], [["names"]])
    yield Damage("axis of a reference", [f'UPDATE "namedRef" SET "axis" = 2 WHERE "ID" = {names["alltypes"]}'], [get_all, ["names"]])
    yield Damage("a reference is gone", [f'DELETE FROM "namedRef" WHERE "ID" = {names["part"]}'], [["names"], ["get", "part", "--at", "1980-01-01"]])
    yield Damage("policy of a reference", [f'UPDATE "namedRefPolicy" SET "orderPolicy" = 3 - "orderPolicy" WHERE "nameID" = {names["walk"]}'],
                 [["names"], ["explain", "walk", "--at=@6"]])
    yield Damage("an element of a struct", ['UPDATE "schema" SET "default" = \'7\' WHERE "structName" = \'alltypes\' AND "name" = \'f32\''])
    yield Damage("a definition", ['UPDATE "schemaVersion" SET "definition" = replace("definition", \'i32\', \'i33\')'], [get_all])
    yield Damage("a schema version is gone", ['DELETE FROM "schemaVersion" WHERE "structID" = (SELECT "ID" FROM "structure" WHERE "name" = '
                                              "'sensor') AND \"schemaID\" = 3"], [["schema", "sensor"]])
    yield Damage("rules of a struct", ['UPDATE "schemaRule" SET "rules" = replace("rules", \'-1\', \'-2\')'], [get_sensor])
    yield Damage("rules are gone", ['DELETE FROM "schemaRule"'], [get_sensor])
    yield Damage("table of a struct", ['UPDATE "structure" SET "tableName" = \'raw\' WHERE "name" = \'alltypes\''], [get_all])
    yield Damage("a reason", ['UPDATE "commitLog" SET "reason" = \'another\' WHERE "commitSeq" = 3'], [["log"]])
    yield Damage("the last commit is gone", ['DELETE FROM "commitLog" WHERE "commitSeq" = (SELECT max("commitSeq") FROM "commitLog")'], [["log"]])
    yield Damage("a commit is gone", ['DELETE FROM "commitLog" WHERE "commitSeq" = 3'], [["log"]])
    yield Damage("a node", ['UPDATE "Nodes" SET "version" = \'sim\' WHERE "Name" = \'sensor\''], [["tree", "show", "Reco"]])
    yield Damage("a node is gone", ['DELETE FROM "Nodes" WHERE "Name" = \'raw\''], [["tree", "show", "Reco"]])
    yield Damage("an edge is gone", ['DELETE FROM "NodeRelation" WHERE "ID" = (SELECT max("ID") FROM "NodeRelation")'], [["tree", "show", "Other"]])
    yield Damage("an entry of a snapshot", ['UPDATE "snapshotEntry" SET "commitSeq" = 2 WHERE "namePattern" = \'raw\''],
                 [["snapshot", "show", "early"], [*get_raw, "--as-of", "early"]])
    yield Damage("a snapshot thaws", ['DELETE FROM "snapshot" WHERE "state" = \'frozen\''], [["snapshot", "list"]])
    yield Damage("a trigger is gone", ['SELECT 1'])
    early = tables["commitLog"][2]
    yield Damage("a reason, with the checksum of its row", forged(place, "commitLog", early["ID"], "reason", "another", None, None))
    yield Damage("a record, with its checksum and that of its set",
                 forged(place, "dataIndex", winner["ID"], "creationTime", 1, 10, winner["nameID"]))
    yield Damage("an end of a record, with its checksum and that of its set",
                 forged(place, "dataIndex", first["ID"], "endTime", first["beginTime"] + 10, 10, first["nameID"]))
    yield Damage("a policy, with its checksum and that of its set",
                 forged(place, "namedRefPolicy", next(r["ID"] for r in tables["namedRefPolicy"] if r["nameID"] == names["part"]), "coverage",
                        "sparse", 2, names["part"]))


def try_all(place, folder, note):
    """Lists what goes unnoticed."""
    missed = []
    for number, damage in enumerate(damages(place)):
        copy = folder / f"damaged_{number}.db"
        shutil.copy(place.file, copy)
        broken = places.SqlitePlace(place.etalon, copy)
        if damage.name == "a trigger is gone":
            with broken.connect() as connection:
                connection.execute("DROP TRIGGER \"dataIndex_noUpdate\"")
        elif broken.change(*damage.statements) == 0:
            missed.append(f"{damage.name}: nothing was changed, {damage.statements}")
            continue
        for read in damage.reads:
            done = broken.run(*read)
            if done.returncode != 3 or not re.search("verify|restore|damaged|missing|incomplete", done.stderr):
                missed.append(f"{damage.name}: etalon {' '.join(read)} has status {done.returncode}, expected 3 and a hint at damage: "
                              f"{done.stdout:.200}{done.stderr:.300}")
        done = broken.run("verify", "--deep", "--format", "json")
        if done.returncode != 1 or not json.loads(done.stdout):
            missed.append(f"{damage.name}: verify --deep has status {done.returncode}, expected 1: {done.stdout:.300}{done.stderr:.300}")
        else:
            note(f"{damage.name}: " + "; ".join(sorted({f"{one['table']} {one['key']}: {one['what']}" for one in json.loads(done.stdout)}))[:200])
        if damage.derived:
            mended = broken.run("verify", "--repair")
            after = broken.run("verify", "--deep", "--format", "json")
            if mended.returncode != 1 or after.returncode != 0:
                missed.append(f"{damage.name}: verify --repair has status {mended.returncode}, verify after it {after.returncode}: "
                              f"{mended.stdout:.300}{mended.stderr:.300}{after.stdout:.300}{after.stderr:.300}")
            else:
                missed += [f"{damage.name}, mended: {finding}" for finding in checks.Checks(broken).run()[:3]]
                for read in damage.reads:
                    if broken.run(*read).returncode not in (0, 1):
                        missed.append(f"{damage.name}: etalon {' '.join(read)} fails after the repair")
        copy.unlink()
    return missed
