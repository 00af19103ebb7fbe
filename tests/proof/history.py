"""A database with something of everything, built through the command line; what is random comes from one generator."""

import datetime
import json
import re

import timelines

HEADER = """
enum mode { kOff = 0, kOn = 1, kTest = 7 };
struct alltypes {
    bool flag;
    signed char i8;
    unsigned char u8;
    short i16;                    /* [cm] */
    unsigned short u16;
    int i32;
    unsigned int u32;
    long long i64;
    unsigned long long u64;
    float f32;                    /* [mV/fC] default: 1.5 */
    double f64;
    char label[8];
    float fa[3];
    double da[2][2];
    unsigned long long ua[3];
    signed char sa[2];
    bool ba[2];
    char names[2][6];
    enum mode mode;
    struct { double x; short y[2]; } pos;
};
struct raw { double values[16]; int channel; unsigned short bits; char text[6]; };
struct big { float samples[300000]; };
struct wide { %s };
struct trigger { int prescale; };
""" % " ".join(f"int c{i};" for i in range(1100))
SENSOR = ["struct sensor { int channel; float gain; float value; };",
          "struct sensor { int channel; float gains; float value[2]; };",
          "struct sensor { long long channel; float gains; float value[2]; double offset; /* [mV] default: 0.5 */ };"]
RULES = "  move value -> value[0]\n  fill value[1:] = -1\n"

FLOATS = ["0", "-0", "0.1", "-2.5", "1e-45", "3.4028235e38", "nan", "inf", "-inf", "16777217", "1e10"]
DOUBLES = FLOATS + ["5e-324", "1.7976931348623157e308", "0.30000000000000004", "9007199254740993"]
TEXTS = ['""', '"a""b\\\\c"', '"\\xc3\\xb6\\x01"', '"\\xff\\xfe"', '"plain"', '"\\x7f"']


def all_columns():
    columns = ["flag", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64", "label"]
    columns += [f"fa[{i}]" for i in range(3)] + [f"da[{i}][{j}]" for i in range(2) for j in range(2)] + [f"ua[{i}]" for i in range(3)]
    columns += [f"sa[{i}]" for i in range(2)] + [f"ba[{i}]" for i in range(2)] + [f"names[{i}]" for i in range(2)]
    return columns + ["mode", "pos.x", "pos.y[0]", "pos.y[1]"]


def all_types(random, count):
    def integer(bits, signed):
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        return str(random.choice([low, high, 0, 1, random.randint(low, high)]))

    lines = [",".join(all_columns())]
    for _ in range(count):
        cells = [random.choice(["true", "false"]), integer(8, True), integer(8, False), integer(16, True), integer(16, False), integer(32, True),
                 integer(32, False), integer(64, True), integer(64, False), random.choice(FLOATS), random.choice(DOUBLES), random.choice(TEXTS)]
        cells += [random.choice(FLOATS) for _ in range(3)] + [random.choice(DOUBLES) for _ in range(4)] + [integer(64, False) for _ in range(3)]
        cells += [integer(8, True) for _ in range(2)] + [random.choice(["true", "false"]) for _ in range(2)]
        cells += [random.choice(TEXTS) for _ in range(2)]
        cells += [random.choice(["0", "1", "7"]), random.choice(DOUBLES), integer(16, True), integer(16, True)]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def raw_rows(random, count):
    lines = [",".join([f"values[{i}]" for i in range(16)] + ["channel", "bits", "text"])]
    for i in range(count):
        lines.append(",".join([repr(random.gauss(0, 1)) for _ in range(16)] + [str(i), str(i % 65536), f'"r{i % 1000}"']))
    return "\n".join(lines) + "\n"


def instant(ns):
    return {timelines.LOW: "-inf", timelines.HIGH: "inf"}.get(ns, f"@{ns}")


def build(place, folder, random, steps, note):
    """Everything that leaves rows behind, then `steps` random commits on the references `walk` and `flip`."""
    def file(name, text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    do = place.do
    note("structs")
    do("init")
    do("register", file("all.h", HEADER), "--reason", "first structs")
    header = folder / "sensor.h"
    file("sensor.h", SENSOR[0])
    do("register", header)
    do("name", "raw", "--storage", "bytes")
    do("name", "allAsBytes", "alltypes", "--storage", "bytes")
    do("name", "byRun", "trigger", "--axis", "run")
    do("name", "walk", "trigger")
    do("name", "flip", "trigger", "--policy", "by_creation")
    do("name", "part", "trigger", "--coverage", "complete(0-3)")

    note("values of every type")
    for i, count in enumerate((1, 3, 40)):
        rows = file(f"all{i}.csv", all_types(random, count))
        do("put", "alltypes", "--begin", f"2024-0{i + 1}-01", rows, "--reason", "öffentlich, \"quoted\"")
        do("put", "allAsBytes", "--begin", f"2024-0{i + 1}-01", rows)
    do("put", "alltypes", "--begin", "2024-05-01", folder / "all0.csv")      # the same content again
    do("put", "raw", "--begin", "2024-01-01", file("raw.csv", raw_rows(random, 10)))
    do("put", "raw", "--begin", "2024-02-01", file("raw_long.csv", raw_rows(random, 9000)))
    do("put", "raw", "--begin", "2024-01-15", "--end", "2024-01-20", "--hole")
    do("name", "raw", "--storage", "columns")
    do("put", "raw", "--begin", "2024-03-01", folder / "raw.csv")
    samples = [round(random.random(), 3) for _ in range(1000)] * 300
    do("put", "big", "--begin", "-inf", file("big.json", json.dumps([{"samples": samples}, {"samples": samples[::-1]}])))
    wide = ",".join(f"c{i}" for i in range(1100)) + "\n" + ",".join(map(str, range(1100))) + "\n"
    do("put", "wide", "--begin", "1900-01-01", file("wide.csv", wide))

    note("schema versions and rules")
    do("put", "sensor", "--begin", "2024-01-01", file("sensor1.csv", "channel,gain,value\n1,2.5,7\n2,-0,nan\n"))
    file("sensor.h", SENSOR[1])
    place.run("check", header, "--rules", folder / "rules", "--write-rules")
    rules = folder / "rules" / "sensor.rules"
    rules.write_text(rules.read_text() + RULES)
    do("register", "--strict", header, "--rules", folder / "rules", "--reason", "two values")
    do("put", "sensor", "--begin", "2024-02-01", file("sensor2.csv", "channel,gains,value[0],value[1]\n1,2.5,7,8\n"))
    do("put", "sensor", "--begin", "2024-02-10", "--end", "2024-02-20", folder / "sensor1.csv")
    file("sensor.h", SENSOR[2])
    do("register", header)
    do("put", "sensor", "--begin", "2024-03-01", file("sensor3.csv", "channel,gains,value[0],value[1],offset\n-1,2.5,7,8,0.25\n"))

    note("configurations, parameters, runs, snapshots")
    do("tree", "add", "Reco/tpc/all", "--ref", "alltypes", "--reason", "for reconstruction")
    do("tree", "add", "Reco/tpc/raw", "--ref", "raw", "--version", "sim,default", "--element", "0-3")
    do("tree", "add", "--replace", "Reco/tpc/all", "--ref", "allAsBytes", "--base-line")
    do("tree", "add", "Reco/sub/deep/sensor", "--ref", "sensor", "--key", "test")
    do("tree", "add", "Reco/far", "--db", "Geometry_sst", "--ref", "Sst")
    nodes = ("path,ref,version,comment\nReco/tpc/sensor,sensor,,a comment\nReco/tpc/raw,raw,\"sim,default\",\n"
             "Other/walk,walk,,\n")
    do("tree", "add", "--replace", "--from", file("nodes.csv", nodes))
    do("tree", "add", "Reco/tpc", "--type", "directory", "--version", "sim")
    do("tree", "add", "Reco/old/a/sensor", "--ref", "sensor")
    do("tree", "add", "Reco/old/b", "--ref", "raw")
    do("tree", "move", "Reco/old/a", "Reco/new/deep/a", "--reason", "another place")
    do("tree", "remove", "Reco/old", "--recursive")
    do("params", "put", "tracker", "--begin", "2024-01-01", "minHits=5", "maxChi2=3.0", "layers=[1,2,3]", "--reason", "parameters")
    do("params", "put", "tracker", "--begin", "2024-06-01", "minHits=6", "x:double=nan", "--version", "site")
    do("runs", "add", file("runs.csv", "run,begin,end\n101,2024-06-01T10:00:00Z,2024-06-01T10:30:00Z\n102,2024-06-01T10:40:00Z,\n"))
    do("runs", "add", "--run", "101", "--begin", "2024-06-01T10:05:00Z", "--end", "2024-06-01T10:30:00Z", "--reason", "corrected")
    do("put", "byRun", "--begin", "100", "--end", "200", "-", stdin="prescale\n5\n")
    do("put", "byRun", "--begin", "-5", "-", stdin="prescale\n6\n")
    do("snapshot", "create", "early", "--as-of", "5", "--as-of", "all*=7", "--comment", "for the pass", "--reason", "why")
    do("snapshot", "set", "early", "--as-of", "raw=9")
    do("snapshot", "freeze", "early", "--reason", "published")
    do("snapshot", "create", "late")

    note("a random history")
    grid = [timelines.LOW, -10, 0, 5, 10, 20, 30, 40, 50, 60, 70, 80, 1 << 60, timelines.HIGH]
    do("name", "flip", "--policy", "by_creation")
    for step in range(steps):
        name = random.choice(["walk", "flip"])
        dice = random.random()
        if dice < 0.1:
            do("name", name, "--policy", random.choice(["by_begin", "by_creation"]))
        elif dice < 0.23:
            live = [row for row in place.rows("dataIndex") if row["retiredSeq"] is None and row["nameID"] == id_of(place, name)]
            if live:
                chosen = random.sample(live, min(len(live), random.choice([1, 1, 1, 3])))
                do("retire", name, *[part for row in chosen for part in ("--uid", row["uid"].hex())], "--reason", f"step {step}")
        elif dice < 0.38:
            lines, used = ["table,struct,beginTime,endTime,version,element,created,path"], set()
            for _ in range(random.randint(2, 7)):
                begin, end, version, element = draw(random, grid)
                if (version, element, begin) in used:
                    continue
                used.add((version, element, begin))
                rows = file(f"many{len(used)}.csv", "prescale\n" + ("" if random.random() < 0.2 else f"{random.randint(0, 9)}\n"))
                lines.append(f"{place.table_path}/{name},trigger,{instant(begin)},{'' if end is None else instant(end)},{version},{element},"
                             f"{'' if random.random() < 0.5 else instant(random.choice(grid[1:-1]))},{rows.name}")
            do("import", file("manifest.csv", "\n".join(lines) + "\n"))
        else:
            begin, end, version, element = draw(random, grid)
            arguments = ["put", name, "--begin", instant(begin), "--version", version, "--element", element, "--reason", f"step {step}"]
            if random.random() < 0.1:
                arguments += ["--version", "other"]
            if end is not None:
                arguments += ["--end", instant(end)]
            if random.random() < 0.4:
                arguments += ["--created", instant(random.choice(grid[1:-1]))]
            if random.random() < 0.2:
                do(*arguments, "--hole")
            else:
                do(*arguments, "-", stdin=f"prescale\n{random.randint(0, 9)}\n")
    do("put", "walk", "--begin", "@100", "--end", "@200", "-", stdin="prescale\n7\n")
    note(f"{steps} random steps")


def draw(random, grid):
    begin = random.choice(grid[:-1])
    later = [one for one in grid if one > begin]
    end = random.choice(later) if random.random() < 0.5 else None
    return begin, end, random.choice(["default", "default", "sim"]), random.choice([0, 0, 1])


def id_of(place, name):
    return next(row["ID"] for row in place.rows("namedRef") if row["name"] == name)


def nanoseconds(text):
    """An answer's time as a number."""
    if text is None or isinstance(text, int):
        return text
    if text in ("-inf", "inf"):
        return timelines.LOW if text == "-inf" else timelines.HIGH
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z", text)
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    whole = (datetime.datetime(year, month, day, hour, minute, second) - datetime.datetime(1970, 1, 1))
    return (whole.days * 86400 + whole.seconds) * 10**9 + int((match.group(7) or "").ljust(9, "0"))
