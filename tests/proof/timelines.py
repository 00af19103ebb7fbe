"""docs/validity.md by brute force: which record wins, in which stretches, and what the stored stretches then have to be."""

LOW, HIGH = -(1 << 63), (1 << 63) - 1


def known(record, seq):
    return record["commitSeq"] <= seq and not (record["retiredSeq"] is not None and record["retiredSeq"] <= seq)


def order(record, rank, policy):
    """Smaller comes first."""
    begin, commit, created = record["beginTime"], record["commitSeq"], record["creationTime"]
    by = (-begin, -commit) if policy == 1 else (-created, -commit, -begin)
    return (rank, *by, -record["count"])


def winner(records, ranks, policy, at):
    """The first of the eligible ones; ranks says which versions are asked and how they rank."""
    eligible = [r for r in records if r["beginTime"] <= at and (r["endTime"] is None or at < r["endTime"])]
    return min(eligible, key=lambda r: order(r, ranks[r["version"]], policy), default=None)


def tiles(records, ranks, policy):
    """(begin, next, winner) over the whole axis; next is None in the last."""
    points = {LOW} | {r["beginTime"] for r in records} | {r["endTime"] for r in records if r["endTime"] is not None}
    result = []
    for at in sorted(points):
        record = winner(records, ranks, policy, at)
        if not result or result[-1][1] is not record:
            result.append((at, record))
    return [(at, result[i + 1][0] if i + 1 < len(result) else None, record) for i, (at, record) in enumerate(result)]


def stretch_row(key, begin, following, record, payloads, seq):
    row = dict(zip(("nameID", "elementID", "version"), key))
    row.update(beginTime=begin, next=following, fromSeq=seq, nextSeq=None)
    for column in ("recordBegin", "recordEnd", "count", "schemaID", "encoding", "numRows", "dataID", "rowsChecksum", "recordID"):
        row[column] = None
    if record is not None:
        row["recordBegin"] = None if record["beginTime"] == begin else record["beginTime"]
        row["recordEnd"] = record["endTime"]
        row.update(count=record["count"], recordID=record["ID"], schemaID=record["schemaID"], numRows=record["numRows"])
        if record["dataID"] is None:
            row.update(encoding=0, dataID=0)
        else:
            payload = payloads[record["dataID"]]
            row.update(encoding=payload["encoding"], dataID=record["dataID"], rowsChecksum=payload["rowsChecksum"])
    return row


def stretches(key, records, policy_at, policy_changes, payloads):
    """The rows of timeline and timelinePast that a history leaves: commit after commit, as the contract says."""
    now, past = {}, []
    first = min(r["commitSeq"] for r in records)
    changes = {r["commitSeq"] for r in records} | {r["retiredSeq"] for r in records if r["retiredSeq"] is not None} | set(policy_changes)
    for seq in sorted(seq for seq in changes if seq >= first):
        wanted = {}
        for begin, following, record in tiles([r for r in records if known(r, seq)], {key[2]: 0}, policy_at(seq)):
            wanted[begin] = (following, record)
        for begin, row in sorted(now.items()):
            following, record = wanted.get(begin, (None, "none"))
            if record != "none" and row["recordID"] == (None if record is None else record["ID"]):
                if row["next"] == following:
                    continue
                if row["next"] is None:
                    row.update(next=following, nextSeq=seq)
                    continue
            past.append({**row, "toSeq": seq})
            del now[begin]
        for begin, (following, record) in wanted.items():
            if begin not in now:
                now[begin] = stretch_row(key, begin, following, record, payloads, seq)
    return list(now.values()), past
