"""Everything that docs/storage_format.md promises of the rows of one database, computed again and compared."""

import json

import contract
import timelines

COLUMNS = {
    "storeFormat": "major minor databaseName placeUid rowChecksum",
    "structure": "name lastSchemaID isBinary tableName rowChecksum",
    "schemaVersion": "structID schemaID size alignment layoutHash definitionHash definition commitSeq columns rowChecksum",
    "schemaRule": "structID fromSchemaID schemaID rules commitSeq rowChecksum",
    "schema": "structID structName schemaID elementKey name type storeType length dims position offset unit default renamedFrom columnName "
              "rowChecksum",
    "namedRef": "name structID axis viewName rowChecksum",
    "namedRefPolicy": "nameID orderPolicy storage coverage commitSeq rowChecksum",
    "commitCounter": "lastSeq lastEntryTime",
    "commitLog": "commitSeq author host program reason numRecords writtenRoot commitHash rowChecksum",
    "dataIndex": "count nameID schemaID version elementID beginTime endTime creationTime commitSeq retiredSeq numRows dataID uid recordChecksum",
    "payload": "dataID structID schemaID encoding numRows contentHash rawSize storedSize generation rowsChecksum partChecksums payloadChecksum",
    "bytes": "dataID chunk bytes",
    "timeline": "nameID elementID version beginTime next fromSeq nextSeq recordBegin recordEnd count schemaID encoding numRows dataID "
                "rowsChecksum recordID pointChecksum",
    "timelinePast": "nameID elementID version beginTime next fromSeq nextSeq toSeq recordBegin recordEnd count schemaID encoding numRows "
                    "dataID rowsChecksum recordID pointChecksum",
    "Nodes": "Name KeyName NodeType refName DBName version elementID baseLine commitSeq retiredSeq rowChecksum",
    "NodeRelation": "ParentID NodeID ordinal commitSeq retiredSeq rowChecksum",
    "snapshot": "name state author namePattern place commitSeq rowChecksum",
    "snapshotEntry": "snapshotID state author namePattern place commitSeq commitHash rowChecksum",
    "object": "dataID id structID schemaID encoding commitSeq position rowChecksum",
    "objectRef": "dataID rowNumber elementKey item toID",
    "namedQuery": "name structID text orderText limitRows commitSeq rowChecksum",
    "setProof": "setKind ownerID rowCount rowSum",
}
# What "every table has entryTime, comment and ID unless said otherwise" leaves out.
LEFT_OUT = {
    "commitCounter": {"entryTime", "comment"}, "dataIndex": {"entryTime"}, "timeline": {"ID", "entryTime", "comment"},
    "timelinePast": {"ID", "entryTime", "comment"}, "setProof": {"ID", "entryTime", "comment"}, "bytes": {"entryTime", "comment"},
    "object": {"ID", "comment"}, "objectRef": {"ID", "entryTime", "comment"},
}
SETS = [(1, "namedRef", None), (2, "namedRefPolicy", "nameID"), (3, "structure", None), (4, "schemaVersion", "structID"),
        (5, "schema", "structID"), (6, "schemaRule", "structID"), (7, "Nodes", None), (8, "NodeRelation", "ParentID"), (9, "snapshot", None),
        (9, "snapshotEntry", None), (10, "dataIndex", "nameID"), (11, "object", "structID"), (12, "namedQuery", None)]


class Checks:
    """Findings of one database; `counts` says how much was compared."""

    def __init__(self, place):
        self.place, self.findings, self.counts = place, [], {}
        self.tables = {table: place.rows(table) for table in COLUMNS if table != "bytes"}
        self.commits = sorted(self.tables["commitLog"], key=lambda row: row["commitSeq"])
        self.entry_time = {row["commitSeq"]: row["entryTime"] for row in self.commits}
        self.names = {row["ID"]: row for row in self.tables["namedRef"]}
        self.structs = {row["ID"]: row for row in self.tables["structure"]}
        self.versions = {(row["structID"], row["schemaID"]): row for row in self.tables["schemaVersion"]}
        self.payloads = {row["dataID"]: row for row in self.tables["payload"]}
        self.records = [{**row, "stored": row, "creationTime": self.entry_time[row["commitSeq"]] if row["creationTime"] is None else
                         row["creationTime"]} for row in self.tables["dataIndex"]]

    def expect(self, what, found, expected):
        self.counts[what.split(":")[0]] = self.counts.get(what.split(":")[0], 0) + 1
        if found != expected:
            self.findings.append(f"{what}: expected {expected!r:.300}, found {found!r:.300}")
        return found == expected

    def run(self):
        for check in (self.columns, self.row_checksums, self.sets, self.definitions, self.all_payloads, self.objects, self.points, self.tiling,
                      self.all_stretches, self.chain):
            try:
                check()
            except Exception as error:  # one broken rule must not hide the others
                self.findings.append(f"{check.__name__}: {type(error).__name__}: {error}")
        return self.findings

    # --- tables ----------------------------------------------------------------------------------------------------------
    def columns(self):
        for table, columns in COLUMNS.items():
            expected = (set(columns.split()) | {"ID", "entryTime", "comment"}) - LEFT_OUT.get(table, set())
            self.expect(f"columns of a table: {table}", sorted(self.place.columns(table)), sorted(expected))

    def row_checksums(self):
        for table in contract.CELLS:
            for row in self.tables[table]:
                self.expect(f"{contract.checksum_column(table)}: {table} {row.get('ID', row.get('dataID'))}", row[contract.checksum_column(table)],
                            contract.checksum_of(table, row))

    def sets(self):
        wanted = {}
        for kind, table, owner in SETS:
            for row in self.tables[table]:
                key = kind, row[owner] if owner else 0
                count, total = wanted.get(key, (0, 0))
                wanted[key] = count + 1, (total + row[contract.checksum_column(table)]) % (1 << 64)
        stored = {(row["setKind"], row["ownerID"]): (row["rowCount"], row["rowSum"] % (1 << 64)) for row in self.tables["setProof"]}
        for key in sorted(wanted.keys() | stored.keys()):
            self.expect(f"setProof: set {key}", stored.get(key, (0, 0)), wanted.get(key, (0, 0)))

    def definitions(self):
        for (struct_id, schema_id), row in sorted(self.versions.items()):
            layout, definition = contract.hashes_of(row["definition"])
            what = f"{self.structs[struct_id]['name']} schema {schema_id}"
            self.expect(f"layoutHash: {what}", row["layoutHash"], layout)
            self.expect(f"definitionHash: {what}", row["definitionHash"], definition)

    # --- payloads --------------------------------------------------------------------------------------------------------
    def all_payloads(self):
        chunks = {}
        for row in self.place.rows("bytes"):
            chunks.setdefault(row["dataID"], {})[row["chunk"]] = row["bytes"]
        for data_id, row in sorted(self.payloads.items()):
            try:
                self.one_payload(data_id, row, chunks.get(data_id, {}))
            except Exception as error:
                self.findings.append(f"payload {data_id}: {type(error).__name__}: {error}")

    def one_payload(self, data_id, row, chunks):
        struct, version = self.structs[row["structID"]], self.versions[row["structID"], row["schemaID"]]
        elements, what = contract.elements_of(version["definition"]), f"{struct['name']} {data_id}"
        if row["encoding"] == 1:
            cells = self.place.payload_rows(struct["tableName"], data_id, elements, version["columns"].split("\x1f"))
            self.expect(f"numRows of columns: {what}", len(cells), row["numRows"])
            self.expect(f"storedSize of columns: {what}", row["storedSize"], None)
            parts = [contract.xxh3(b"".join(line[i] for line in cells)) for i in range(len(elements))]
            places = contract.in_order_of_offset(elements)
            canonical = b"".join(line[i] for line in cells for i in places)
        else:
            self.expect(f"chunk numbers: {what}", sorted(chunks), list(range(len(chunks))))
            row_size = contract.row_size_of(elements)
            step = contract.CHUNK // row_size * row_size or contract.CHUNK
            decoded = [contract.decode_chunk(chunks[i], elements, i * step) for i in sorted(chunks)]
            parts, canonical = [checksum for _, checksum in decoded], b"".join(raw for raw, _ in decoded)
            self.expect(f"numRows of bytes: {what}", len(canonical), row["numRows"] * row_size)
            self.expect(f"sizes of chunks: {what}", [len(raw) for raw, _ in decoded],
                        [min(step, len(canonical) - at) for at in range(0, len(canonical), step)])
            self.expect(f"storedSize of bytes: {what}", row["storedSize"], sum(map(len, chunks.values())))
        keys = [one["elementKey"] for one in sorted(self.tables["schema"], key=lambda one: one["position"])
                if (one["structID"], one["schemaID"]) == (row["structID"], row["schemaID"])]
        self.expect(f"objectRef: {what}", sorted((one["rowNumber"], one["elementKey"], one["item"], one["toID"])
                                                 for one in self.tables["objectRef"] if one["dataID"] == data_id),
                    sorted((n, keys[i], item, to) for n, i, item, to in contract.references_of(elements, canonical, row["encoding"])))
        self.expect(f"rawSize: {what}", row["rawSize"], len(canonical))
        self.expect(f"contentHash: {what}", row["contentHash"], contract.content_hash(row["numRows"], canonical))
        self.expect(f"rowsChecksum of {'columns' if row['encoding'] == 1 else 'bytes'}: {what}", row["rowsChecksum"],
                    contract.rows_checksum(row["numRows"], parts))
        stored = row["partChecksums"]
        self.expect(f"partChecksums: {what}, {len(canonical)} bytes", stored,
                    b"".join(map(contract.number, parts)) if len(canonical) > 4096 else None)

    # --- objects ---------------------------------------------------------------------------------------------------------
    def objects(self):
        positions = {}
        for row in self.tables["object"]:
            payload, version = self.payloads[row["dataID"]], self.versions[row["structID"], row["schemaID"]]
            what = f"object {row['id'].hex()}"
            self.expect(f"payload of an object: {what}", (payload["structID"], payload["schemaID"], payload["encoding"], payload["numRows"]),
                        (row["structID"], row["schemaID"], row["encoding"], 1))
            self.expect(f"id: {what}", row["id"], contract.object_id(json.loads(version["definition"])["name"], version["definitionHash"],
                                                                     payload["contentHash"]))
            self.expect(f"entryTime of an object: {what}", row["entryTime"], self.entry_time[row["commitSeq"]])
            positions.setdefault(row["commitSeq"], []).append(row["position"])
        for seq, of in positions.items():
            self.expect(f"positions of objects: commit {seq}", sorted(of), list(range(len(of))))

    # --- stretches -------------------------------------------------------------------------------------------------------
    def points(self):
        for table in ("timeline", "timelinePast"):
            for row in self.tables[table]:
                self.expect(f"pointChecksum: {table} {row['nameID']} {row['elementID']} {row['version']} {row['beginTime']} {row['fromSeq']}",
                            row["pointChecksum"], contract.point_checksum(row))

    def tiling(self):
        """Straight from the rows, whatever the records say."""
        lines, first = {}, {}
        for table in ("timeline", "timelinePast"):
            for row in self.tables[table]:
                lines.setdefault((row["nameID"], row["elementID"], row["version"]), []).append(row)
        for row in self.records:
            key = row["nameID"], row["elementID"], row["version"]
            first[key] = min(first.get(key, row["commitSeq"]), row["commitSeq"])
        self.expect("timelines", sorted(lines), sorted(first))
        for key, rows in lines.items():
            for seq in range(1, len(self.commits) + 1):
                held = sorted((r["beginTime"], r["next"] if r["next"] is not None and (r["nextSeq"] is None or r["nextSeq"] <= seq) else None)
                              for r in rows if r["fromSeq"] <= seq and (r.get("toSeq") is None or seq < r["toSeq"]))
                begins = [begin for begin, _ in held]
                good = not held if seq < first.get(key, 0) else bool(held) and begins[0] == timelines.LOW and [
                    following for _, following in held] == begins[1:] + [None]
                self.expect(f"tiling: {key} at commit {seq}: {held}", good, True)

    def policy_at(self, name_id):
        changes = sorted((row["commitSeq"], row["orderPolicy"]) for row in self.tables["namedRefPolicy"] if row["nameID"] == name_id)

        def at(seq):
            return ([1] + [policy for since, policy in changes if since <= seq])[-1]
        return at, [seq for seq, _ in changes]

    def all_stretches(self):
        keys = {}
        for record in self.records:
            keys.setdefault((record["nameID"], record["elementID"], record["version"]), []).append(record)
        wanted = {"timeline": [], "timelinePast": []}
        for key, records in keys.items():
            now, past = timelines.stretches(key, records, *self.policy_at(key[0]), self.payloads)
            wanted["timeline"] += now
            wanted["timelinePast"] += past

        def tuples(rows, columns):
            return {tuple(row[column] for column in columns) for row in rows}

        for table, rows in wanted.items():
            columns = [column for column in COLUMNS[table].split() if column != "pointChecksum"]
            found, expected = tuples(self.tables[table], columns), tuples(rows, columns)
            self.expect(f"number of rows: {table}", len(found), len(self.tables[table]))
            for extra in sorted(found - expected, key=repr):
                self.findings.append(f"stretches: {table}: found, not expected: {dict(zip(columns, extra))}")
            for missing in sorted(expected - found, key=repr):
                self.findings.append(f"stretches: {table}: expected, not found: {dict(zip(columns, missing))}")
            self.counts[f"stretches of {table}"] = len(expected)

    # --- the chain -------------------------------------------------------------------------------------------------------
    def items_by_commit(self):
        own = {struct_id for struct_id, row in self.structs.items() if row["name"] in ("etalonParameters", "etalonRun")}
        items = {row["commitSeq"]: [] for row in self.commits}
        at_time = {row["entryTime"]: row["commitSeq"] for row in self.commits}
        item = contract.item

        def versions_hash(record):
            return self.versions[self.names[record["nameID"]]["structID"], record["schemaID"]]["definitionHash"]

        for record in self.records:
            fields = [record["version"], record["elementID"], record["beginTime"]]
            hashes = (b"", b"") if record["dataID"] is None else (versions_hash(record), self.payloads[record["dataID"]]["contentHash"])
            # An integer that may be missing stands between others, so the item is put together from two parts.
            data = (item(1, self.names[record["nameID"]]["name"], *fields) + contract.maybe(record["endTime"]) +
                    item(0, record["creationTime"], record["count"], record["numRows"], *hashes, record["uid"])[1:])
            items[record["commitSeq"]].append(data)
            if record["retiredSeq"] is not None:
                items[record["retiredSeq"]].append(item(2, record["uid"]))
        for row in self.tables["schemaVersion"]:
            if row["commitSeq"] is not None:
                assert row["structID"] not in own
                items[row["commitSeq"]].append(item(3, self.structs[row["structID"]]["name"], row["definitionHash"], row["schemaID"]))
        for row in self.tables["namedRefPolicy"]:
            items[row["commitSeq"]].append(item(4, self.names[row["nameID"]]["name"], row["orderPolicy"], row["storage"],
                                                row["coverage"] or "sparse"))
        for row in self.tables["schemaRule"]:
            items[row["commitSeq"]].append(item(5, self.structs[row["structID"]]["name"], row["rules"],
                                                int(row["comment"] == "taken over from another layer")))
        number_of, counted = {}, {}
        for row in sorted(self.tables["Nodes"], key=lambda row: row["ID"]):
            seq = row["commitSeq"]
            number_of[row["ID"]] = seq, counted.get(seq, 0)
            counted[seq] = counted.get(seq, 0) + 1
            texts = [row[column] or "" for column in ("Name", "KeyName", "NodeType", "refName", "DBName", "version", "elementID")]
            items[seq].append(item(6, number_of[row["ID"]][1], *texts, row["baseLine"], row["comment"] or ""))
            if row["retiredSeq"] is not None:
                items[row["retiredSeq"]].append(item(8, *number_of[row["ID"]]))
        for row in self.tables["NodeRelation"]:
            fields = *number_of[row["ParentID"]], *number_of[row["NodeID"]], row["ordinal"]
            items[row["commitSeq"]].append(item(7, *fields))
            if row["retiredSeq"] is not None:
                items[row["retiredSeq"]].append(item(9, *fields))
        snapshots = {row["ID"]: row for row in self.tables["snapshot"]}
        for row in snapshots.values():
            if row["state"] == "open":
                items[at_time[row["entryTime"]]].append(item(10, row["name"], row["author"] or "", row["comment"] or ""))
            else:
                items[at_time[row["entryTime"]]].append(item(12, row["name"]))
        for row in self.tables["snapshotEntry"]:
            items[at_time[row["entryTime"]]].append(item(11, snapshots[row["snapshotID"]]["name"], row["namePattern"], row["place"] or "",
                                                         row["commitSeq"], row["commitHash"] or ""))
        for row in self.tables["object"]:
            items[row["commitSeq"]].append(item(13, row["position"], self.structs[row["structID"]]["name"],
                                                self.versions[row["structID"], row["schemaID"]]["definitionHash"],
                                                self.payloads[row["dataID"]]["contentHash"]))
        for row in self.tables["namedQuery"]:
            items[row["commitSeq"]].append(item(14, row["name"], self.structs[row["structID"]]["name"], row["text"] or "",
                                                row["orderText"] or "") + contract.maybe(row["limitRows"]) +
                                           contract.number(int(row["text"] is None)))
        return items

    def chain(self):
        counter = self.tables["commitCounter"]
        self.expect("commitCounter", [(row["lastSeq"], row["lastEntryTime"]) for row in counter],
                    [(self.commits[-1]["commitSeq"], self.commits[-1]["entryTime"])])
        self.expect("commit numbers", [row["commitSeq"] for row in self.commits], list(range(1, len(self.commits) + 1)))
        items, previous = self.items_by_commit(), bytes(32)
        written = {}
        for record in self.records:
            written[record["commitSeq"]] = written.get(record["commitSeq"], 0) + 1
        for row in self.commits:
            seq = row["commitSeq"]
            of = sorted(items[seq])
            self.expect(f"numRecords: commit {seq}", row["numRecords"], written.get(seq, 0))
            kinds = [one[0] for one in of]
            self.expect(f"writtenRoot: commit {seq}, items of kinds {kinds}, {row['program']} {row['reason']}", row["writtenRoot"].hex(),
                        contract.merkle_tree_hash(of).hex())
            self.expect(f"commitHash: commit {seq}", row["commitHash"].hex(), contract.commit_hash(previous, row).hex())
            previous = row["commitHash"]
        for row in self.tables["snapshotEntry"]:
            if row["commitHash"] is not None and row["commitSeq"]:
                self.expect(f"commitHash of a snapshot: {row['ID']}", row["commitHash"], self.commits[row["commitSeq"] - 1]["commitHash"].hex())
