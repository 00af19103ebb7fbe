"""docs/storage_format.md, computed again: checksums, hashes, canonical cells, chunks and items of the history."""

import ctypes
import ctypes.util
import hashlib
import json
import struct

import xxhash

SCALARS = {"bool": "B", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
           "float32": "f", "float64": "d", "char": "B", "ref": "16s", "uid": "16s", "file": "40s"}
IDENTITIES = ("ref", "uid", "file")

# The cells of each table that has a checksum, and the column that has it.
CELLS = {
    "storeFormat": "ID major minor databaseName placeUid entryTime comment",
    "structure": "ID name lastSchemaID isBinary tableName entryTime comment",
    "schemaVersion": "ID structID schemaID size alignment layoutHash definitionHash definition commitSeq columns entryTime comment",
    "schema": "ID structID structName schemaID elementKey name type storeType length dims position offset unit default renamedFrom "
              "columnName entryTime comment",
    "schemaRule": "ID structID fromSchemaID schemaID rules commitSeq entryTime comment",
    "namedRef": "ID name structID axis viewName entryTime comment",
    "namedRefPolicy": "ID nameID orderPolicy storage coverage commitSeq entryTime comment",
    "commitLog": "ID commitSeq entryTime author host program reason comment numRecords writtenRoot commitHash",
    "dataIndex": "ID count nameID schemaID version elementID beginTime endTime creationTime commitSeq retiredSeq numRows dataID uid comment",
    "payload": "structID schemaID encoding numRows contentHash rawSize storedSize generation rowsChecksum partChecksums entryTime comment",
    "object": "dataID id structID schemaID encoding commitSeq position entryTime",
    "namedQuery": "ID name structID text orderText limitRows commitSeq entryTime comment",
    "snapshot": "ID name state author namePattern place commitSeq entryTime comment",
    "snapshotEntry": "ID snapshotID state author namePattern place commitSeq commitHash entryTime comment",
    "Nodes": "ID Name KeyName NodeType refName DBName version elementID baseLine commitSeq retiredSeq entryTime comment",
    "NodeRelation": "ID ParentID NodeID ordinal commitSeq retiredSeq entryTime comment",
}
CELLS = {table: columns.split() for table, columns in CELLS.items()}
CHECKSUM = {"dataIndex": "recordChecksum", "payload": "payloadChecksum"}
POINT = ("nameID elementID version beginTime next fromSeq nextSeq toSeq recordBegin recordEnd count schemaID encoding numRows dataID "
         "rowsChecksum recordID").split()


def number(value):
    """Eight little-endian bytes, of signed and unsigned numbers alike."""
    return struct.pack("<Q", value & 0xFFFFFFFFFFFFFFFF)


def raw(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def sized(text):
    return number(len(raw(text))) + raw(text)


def signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def xxh3(data):
    return xxhash.xxh3_64_intdigest(data)


def row_checksum(table, cells):
    parts = [b"\x02" + sized(table)]
    for cell in cells:
        if cell is None:
            parts.append(b"\x00")
        elif isinstance(cell, int):
            parts.append(b"\x01" + number(cell))
        elif isinstance(cell, str):
            parts.append(b"\x02" + sized(cell))
        else:
            parts.append(b"\x03" + sized(cell))
    return signed(xxh3(b"".join(parts)))


def checksum_column(table):
    return CHECKSUM.get(table, "rowChecksum")


def checksum_of(table, row):
    return row_checksum(table, [row[column] for column in CELLS[table]])


def point_checksum(row):
    return row_checksum("timeline", [row.get(column) for column in POINT])


# --- definitions -------------------------------------------------------------------------------------------------------

def elements_of(definition):
    return json.loads(definition)["elements"]


def hashes_of(definition):
    """layoutHash and definitionHash of a stored definition; a text behind its length, a number in eight bytes."""
    of = json.loads(definition)
    layout = [sized(of["name"]), number(of["size"]), number(of["alignment"]), number(len(of["elements"]))]
    for element in of["elements"]:
        dims = element.get("dims", [])
        layout += [sized(element["name"]), sized(element["type"]), number(len(dims)), *map(number, dims), number(element["offset"])]
    for i, element in enumerate(of["elements"]):
        if "target" in element:
            layout += [sized("target"), number(i), sized(element["target"])]
    more = []
    for element in of["elements"]:
        more += [sized(element.get("unit", "")), number(1 if "default" in element else 0)]
        if "default" in element:
            more.append(sized(element["default"]))
        enumerators = element.get("enumerators", [])
        if isinstance(enumerators, dict):
            enumerators = list(enumerators.items())
        more += [sized(element.get("renamedFrom", "")), number(len(enumerators))]
        for name, value in enumerators:
            more += [sized(name), number(value)]
    layout = b"".join(layout)
    return hashlib.sha256(layout).digest(), hashlib.sha256(layout + b"".join(more)).digest()


def width_of(element):
    return struct.calcsize("<" + SCALARS[element["type"]])


def items_of(element):
    """Number of values: of texts their number of bytes."""
    count = 1
    for dim in element.get("dims", []):
        count *= dim
    return count


def is_array(element):
    return len(element.get("dims", [])) > (1 if element["type"] == "char" else 0)


# --- cells of row tables -----------------------------------------------------------------------------------------------

def text_cell(capacity, data):
    assert len(data) <= capacity and b"\0" not in data, f"text of {len(data)} bytes in room for {capacity}"
    return data.ljust(capacity, b"\0")


def flat(value, dims):
    if not dims:
        return [value]
    assert isinstance(value, list) and len(value) == dims[0], f"expected {dims[0]} items, found {value!r:.60}"
    return [item for one in value for item in flat(one, dims[1:])]


def identity(kind, text):
    """The bytes of a reference or uid, or of a file, from its text form; None is null."""
    size = struct.calcsize(SCALARS[kind])
    if text is None:
        return bytes(size)
    if kind != "file":
        return bytes.fromhex(text)
    algorithm, digest, length = text.split(":")
    assert algorithm == "sha256"
    return bytes.fromhex(digest) + number(int(length))


def json_scalar(kind, value):
    """An item of a JSON array, where numbers come as they are written."""
    if kind in IDENTITIES:
        return identity(kind, value)
    if kind == "bool":
        return struct.pack("B", {True: 1, False: 0, "true": 1, "false": 0, "1": 1, "0": 0}[value])
    if kind in ("float32", "float64"):
        return struct.pack("<" + SCALARS[kind], float({"Infinity": "inf", "-Infinity": "-inf"}.get(value, value)))
    return struct.pack("<" + SCALARS[kind], int(value))


def sqlite_cell(element, cell):
    kind, dims = element["type"], element.get("dims", [])
    size = width_of(element) * items_of(element)
    if is_array(element):
        if isinstance(cell, bytes):
            assert len(cell) == size, f"{element['name']}: a blob of {len(cell)} bytes, expected {size}"
            return cell
        assert isinstance(cell, str), f"{element['name']}: array cell {cell!r}"
        value = json.loads(cell, parse_int=str, parse_float=str)
        if kind == "char":
            return b"".join(text_cell(dims[-1], raw(one)) for one in flat(value, dims[:-1]))
        return b"".join(json_scalar(kind, one) for one in flat(value, dims))
    if kind in IDENTITIES:
        assert cell is None or (isinstance(cell, bytes) and len(cell) == size and any(cell)), f"{element['name']}: {cell!r}"
        return cell or bytes(size)
    if kind == "char":
        assert isinstance(cell, (str, bytes)), f"{element['name']}: text cell {cell!r}"
        if isinstance(cell, bytes):
            try:
                cell.decode("utf-8")
                raise AssertionError(f"{element['name']}: UTF-8 text that is stored as a blob")
            except UnicodeDecodeError:
                pass
        return text_cell(size, raw(cell))
    if kind in ("float32", "float64"):
        if isinstance(cell, bytes):
            assert len(cell) == size
            assert struct.unpack("<" + SCALARS[kind], cell)[0] != struct.unpack("<" + SCALARS[kind], cell)[0], "a blob that is no NaN"
            return cell
        assert isinstance(cell, float), f"{element['name']}: float cell {cell!r}"
        return struct.pack("<" + SCALARS[kind], cell)
    if kind == "uint64" and isinstance(cell, str):
        assert len(cell) == 20 and int(cell) >= 1 << 63, f"{element['name']}: {cell!r}"
        return struct.pack("<Q", int(cell))
    assert isinstance(cell, int), f"{element['name']}: integer cell {cell!r}"
    assert kind != "bool" or cell in (0, 1)
    return struct.pack("<" + SCALARS[kind], cell)


POSTGRES = {"bool": "boolean", "int8": "smallint", "uint8": "smallint", "int16": "smallint", "uint16": "integer", "int32": "integer",
            "uint32": "bigint", "int64": "bigint", "uint64": "numeric", "float32": "real", "float64": "double precision", "char": "bytea",
            "ref": "uuid", "uid": "uuid", "file": "bytea"}


def check_postgres_type(element, kind):
    expected = "ARRAY" if is_array(element) else POSTGRES[element["type"]]
    assert kind == expected, f"{element['name']}: stored as {kind}, expected {expected}"


def unpack_array(data, null=None):
    """The dimensions and the items of what array_send gives; `null` stands for a NULL, where there may be one."""
    rank, _, _ = struct.unpack_from(">iiI", data)
    dims = [struct.unpack_from(">ii", data, 12 + 8 * i)[0] for i in range(rank)]
    at, items = 12 + 8 * rank, []
    while at < len(data):
        size = struct.unpack_from(">i", data, at)[0]
        if size == -1 and null is not None:
            items.append(null)
            at += 4
            continue
        assert size >= 0, "a NULL in an array"
        items.append(data[at + 4:at + 4 + size])
        at += 4 + size
    return dims, items


def postgres_cell(element, kind, cell):
    scalar, dims = element["type"], element.get("dims", [])
    code = "<" + SCALARS[scalar]
    if kind == "ARRAY":
        if scalar == "uint64":
            return b"".join(struct.pack(code, int(one)) for one in flat(cell, dims))
        found, items = unpack_array(bytes.fromhex(cell), bytes(struct.calcsize(code)) if scalar in IDENTITIES else None)
        if scalar == "char":
            assert found == dims[:-1], f"{element['name']}: dimensions {found}"
            return b"".join(text_cell(dims[-1], one) for one in items)
        assert found == dims, f"{element['name']}: dimensions {found}"
        if scalar in IDENTITIES:
            return b"".join(items)
        if scalar in ("float32", "float64"):
            return b"".join(one[::-1] for one in items)
        return b"".join(struct.pack(code, int.from_bytes(one, "big", signed=scalar != "bool")) for one in items)
    if scalar in IDENTITIES:
        return bytes.fromhex(cell) if cell is not None else bytes(width_of(element))
    if scalar == "char":
        return text_cell(dims[0], bytes.fromhex(cell))
    if scalar in ("float32", "float64"):
        return bytes.fromhex(cell)[::-1]
    return struct.pack(code, int(cell))


# --- payloads ----------------------------------------------------------------------------------------------------------

def in_order_of_offset(elements):
    return sorted(range(len(elements)), key=lambda i: elements[i]["offset"])


def content_hash(num_rows, canonical):
    return hashlib.sha256(number(num_rows) + canonical).digest()


def rows_checksum(num_rows, parts):
    return signed(xxh3(number(num_rows) + b"".join(map(number, parts))))


ZSTD = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t
ZSTD.ZSTD_decompress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]


CHUNK = 1 << 20


def row_size_of(elements):
    return sum(width_of(e) * items_of(e) for e in elements)


def runs_of(elements, at, size):
    """(width, count) of the values of a chunk's rows, or of a piece of a long row: whole values, and single bytes of those that are cut."""
    values = [(width_of(elements[i]), items_of(elements[i])) for i in in_order_of_offset(elements)]
    row_size, runs, end = row_size_of(elements), [], at + size

    def append(width, count):
        if count and runs and runs[-1][0] == width:
            runs[-1][1] += count
        elif count:
            runs.append([width, count])

    if row_size <= CHUNK:
        for width, count in values:
            append(width, count)
        return runs, row_size
    begin = at // row_size * row_size
    while begin < end:
        for width, count in values:
            low, high = max(at, begin), min(end, begin + width * count)
            if low < high:
                first, last = -(-(low - begin) // width), (high - begin) // width
                if first > last:
                    append(1, high - low)
                else:
                    append(1, begin + first * width - low)
                    append(width, last - first)
                    append(1, high - begin - last * width)
            begin += width * count
    return runs, size


def unshuffled(data, elements, at):
    runs, row_size = runs_of(elements, at, len(data))
    rows = len(data) // row_size
    assert rows * row_size == len(data), "a shuffled chunk without whole rows"
    result = bytearray(len(data))
    view = [bytearray(width * count * rows) for width, count in runs]
    at = 0
    for part, (width, count) in zip(view, runs):
        for byte in range(width):
            part[byte::width] = data[at:at + rows * count]
            at += rows * count
    for row in range(rows):
        out = row * row_size
        for part, (width, count) in zip(view, runs):
            result[out:out + width * count] = part[row * width * count:(row + 1) * width * count]
            out += width * count
    return bytes(result)


def decode_chunk(chunk, elements, at):
    """The raw bytes of a chunk that begins `at` bytes into the canonical rows, and the checksum in its header."""
    version, method, zeros, size, checksum = struct.unpack_from("<BBHIQ", chunk)
    assert version == 1 and zeros == 0 and method in (0, 1, 2), f"chunk header {chunk[:16].hex()}"
    body = chunk[16:]
    if method:
        room = ctypes.create_string_buffer(size)
        assert ZSTD.ZSTD_decompress(room, size, body, len(body)) == size, "zstd: another size"
        body = room.raw
    if method == 2:
        body = unshuffled(body, elements, at)
    assert len(body) == size, f"chunk of {len(body)} bytes, its header says {size}"
    assert xxh3(body) == checksum, "chunk checksum"
    return body, checksum


# --- objects -----------------------------------------------------------------------------------------------------------

def object_id(struct_name, definition_hash, content):
    text = f"etalon.object.1\n{struct_name}\n{definition_hash.hex()}\n{content.hex()}\n"
    return hashlib.sha256(text.encode()).digest()[:16]


def references_of(elements, canonical, encoding):
    """(row, element, item, id) of the references of canonical rows that have no column of their own and are not null."""
    size, found = row_size_of(elements), []
    for row in range(len(canonical) // size):
        at = row * size
        for i in in_order_of_offset(elements):
            element = elements[i]
            for item in range(items_of(element)):
                value = canonical[at + 16 * item:at + 16 * item + 16]
                if element["type"] == "ref" and (encoding == 2 or element.get("dims")) and any(value):
                    found.append((row, i, item, value))
            at += width_of(element) * items_of(element)
    return found


# --- the history -------------------------------------------------------------------------------------------------------

def merkle_tree_hash(items):
    """RFC 6962, 2.1."""
    if not items:
        return hashlib.sha256(b"").digest()
    if len(items) == 1:
        return hashlib.sha256(b"\x00" + items[0]).digest()
    half = 1
    while half * 2 < len(items):
        half *= 2
    return hashlib.sha256(b"\x01" + merkle_tree_hash(items[:half]) + merkle_tree_hash(items[half:])).digest()


def item(kind, *fields):
    return bytes([kind]) + b"".join(number(field) if isinstance(field, int) else sized(field) for field in fields)


def maybe(value):
    return b"\x00" if value is None else b"\x01" + number(value)


def commit_hash(previous, row):
    return hashlib.sha256(previous + number(row["commitSeq"]) + number(row["entryTime"]) +
                          b"".join(sized(row[column] or "") for column in ("author", "host", "program", "reason", "comment")) +
                          number(row["numRecords"]) + row["writtenRoot"]).digest()
