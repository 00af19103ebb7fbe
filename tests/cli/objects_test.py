#!/usr/bin/python3
"""Objects as a person or a script uses them: put, asked, followed, taken along. One engine per run."""

import concurrent.futures
import json
import shutil
import sqlite3
import unittest

import command_line_test
from command_line_test import run_etalon

HEADER = """
#include <etalon/ref.h>
struct Session;
struct Group { char name[32]; char description[128]; };
struct User { char name[64]; char username[32]; ETALON_REF(Group) group; };
struct Image {
    ETALON_UID uid;
    ETALON_REF(Session) session;
    ETALON_REF(User) by;
    ETALON_REF(User) seen[2];
    ETALON_FILE pixels;
    double x;   /* [um] */
    int count;  /* default: 1 */
};
struct Session { ETALON_UID uid; char name[32]; ETALON_REF(User) user; };
"""
BOB = {"name": "Bob", "username": "bob", "group": {"name": "AMI", "description": ""}}
ALICE = {"name": "Alice", "username": "alice", "group": {"name": "AMI", "description": ""}}


class ObjectsTest(unittest.TestCase):
    maxDiff = None
    # The fixture is that of the other commands.
    for _name in ("setUp", "make_url", "name_of", "drop_schemas", "file", "db", "etalon"):
        locals()[_name] = command_line_test.CommandLineTest.__dict__[_name]

    def ready(self):
        self.db("init")
        self.db("register", self.file("microscope.h", HEADER))

    def put(self, struct, *objects, **more):
        """The answer of a put of these objects."""
        text = "\n".join(json.dumps(one) for one in objects)
        return self.db("object", "put", struct, "-", "--format", "json", stdin=text, **more).json()

    def query(self, struct, *args, status=0):
        return self.db("object", "query", struct, *args, "--format", "json", status=status).json()["objects"]

    def names(self, *args, status=0):
        return [one["value"]["name"] for one in self.query("User", *args, status=status)]

    def test_a_graph_is_put_once_and_the_next_one_adds_what_is_new(self):
        self.ready()
        first = self.put("User", BOB)
        self.assertEqual([(one["struct"], one["new"]) for one in first["objects"]], [("User", True), ("Group", True)])
        again = self.put("User", BOB)
        self.assertEqual(again["commit"], first["commit"])
        self.assertEqual([(one["id"], one["new"]) for one in again["objects"]],
                         [(one["id"], False) for one in first["objects"]])
        alice = self.put("User", ALICE)
        self.assertEqual([one["new"] for one in alice["objects"]], [True, False])
        self.assertEqual(alice["objects"][1]["id"], first["objects"][1]["id"])
        self.assertEqual(len(self.query("User")), 2)
        self.assertEqual(len(self.query("Group")), 1)
        lines = self.db("object", "put", "User", "-", stdin=json.dumps([ALICE, BOB])).out.split()
        self.assertEqual(lines, ["commit", str(alice["commit"]), alice["objects"][0]["id"], first["objects"][0]["id"]])

    def test_writers_that_put_the_same_at_once_get_the_same(self):
        self.ready()

        def write(_):
            return run_etalon("-d", self.url, "object", "put", "User", "-", stdin=json.dumps(BOB))

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = list(pool.map(write, range(24)))
        self.assertEqual({one.status for one in results}, {0}, [one.err for one in results if one.status])
        self.assertEqual(len({one.out for one in results}), 1)
        self.assertEqual(len(self.query("User")), 1)
        self.assertEqual(len(self.query("Group")), 1)

    def test_names_that_look_like_conditions_match_themselves_only(self):
        self.ready()
        hostile = 'x" OR "1"="1'
        self.put("User", BOB, {"name": hostile, "username": "x", "group": None})
        quoted = hostile.replace('"', '""')
        self.assertEqual(self.names("--where", f'name = "{quoted}"'), [hostile])
        self.assertEqual(self.query("User", "--where", 'name = "x"', status=1), [])
        example = self.file("e.json", json.dumps({"name": hostile}))
        self.assertEqual(self.names("--example", example), [hostile])
        self.db("query", "define", "named", "User", "--where", "name = :n")
        run = self.db("query", "run", "named", f"n={hostile}", "--format", "json").json()["objects"]
        self.assertEqual([one["value"]["name"] for one in run], [hostile])
        self.db("query", "run", "named", "n=x", status=1)

    def test_null_references_are_asked_as_null(self):
        self.ready()
        self.put("User", BOB, {"name": "Eve", "username": "eve"})
        self.assertEqual(self.names("--where", "group is null"), ["Eve"])
        self.assertEqual(self.names("--where", "group is not null"), ["Bob"])
        self.assertEqual(self.names("--example", self.file("n.json", '{"group": null}')), ["Eve"])
        # A comparison with what null leads to is unknown, also under not.
        self.assertEqual(self.names("--where", 'not group.name = "X"'), ["Bob"])
        self.assertEqual(self.names("--where", 'group.name is null'), ["Eve"])

    def test_the_newest_comes_first_and_the_order_may_be_chosen(self):
        self.ready()
        for name in ("a", "b", "c"):
            self.put("User", {"name": name, "username": name, "group": {"name": "G" + name, "description": ""}})
        self.assertEqual(self.names(), ["c", "b", "a"])
        self.assertEqual(self.names("--limit", 1), ["c"])
        self.assertEqual(self.names("--oldest"), ["a", "b", "c"])
        self.assertEqual(self.names("--order", "name:desc"), ["c", "b", "a"])
        self.assertEqual(self.names("--order", "group.name"), ["a", "b", "c"])
        self.assertEqual(self.names("--as-of", 2), ["a"])

    def test_a_misspelt_member_is_an_error_with_the_nearest_name(self):
        self.ready()
        self.put("User", BOB)
        self.assertIn("did you mean 'username'", self.db("object", "query", "User", "--where", 'usrname = "bob"', status=3).err)
        error = self.db("object", "query", "User", "--where", 'group.nam = "AMI"', status=3).err
        self.assertIn("did you mean 'name'", error)
        self.assertIn("description", self.db("object", "put", "Group", "-", stdin='{"name":"a","descripton":""}', status=2).err)
        self.assertIn("did you mean 'User'", self.db("object", "query", "Usr", status=3).err)

    def test_what_references_lead_to_stands_in_their_place(self):
        self.ready()
        session = {"uid": "0" * 31 + "1", "name": "s1", "user": BOB}
        done = self.put("Image", {"x": 1, "session": session, "by": BOB, "seen": [ALICE, None]})
        self.assertEqual([one["struct"] for one in done["objects"]][0], "Image")
        self.assertEqual(len(done["objects"]), 5)  # image, session, Bob, AMI, Alice
        image = self.query("Image", "--where", 'session.user.name = "Bob" and seen[0].name = "Alice"', "--follow", "session.user,by")[0]
        self.assertEqual(image["value"]["session"]["value"]["user"]["value"]["name"], "Bob")
        self.assertEqual(image["value"]["by"]["value"]["name"], "Bob")
        self.assertEqual(image["value"]["count"], 1)
        self.assertRegex(image["value"]["seen"][0], "^[0-9a-f]{32}$")
        self.assertIsNone(image["value"]["seen"][1])
        everything = self.db("object", "get", image["id"], "--follow", "all", "--format", "json").json()["objects"][0]
        self.assertEqual(everything["value"]["seen"][0]["value"]["group"]["value"]["name"], "AMI")
        self.assertEqual(everything["value"]["uid"], image["value"]["uid"])
        error = self.db("object", "get", image["id"], "--follow", "sesion", status=3).err
        self.assertIn("did you mean 'session'", error)

    def test_a_reference_to_nothing_writes_nothing(self):
        self.ready()
        for wrong in ("0" * 31 + "1", "zz"):
            self.db("object", "put", "User", "-", stdin=json.dumps({**BOB, "group": wrong}), status=2 if wrong == "zz" else 3)
        self.query("User", status=1)
        rows = self.file("u.csv", f"name,username,group\nBob,bob,{'0' * 31}1\n")
        error = self.db("put", "User", "--begin", "2026-01-01", rows, status=3).err
        self.assertIn("group", error)
        self.assertIn("0" * 31 + "1", error)
        group = self.put("Group", {"name": "AMI", "description": ""})["objects"][0]["id"]
        rows.write_text(f"name,username,group\nBob,bob,{group}\nEve,eve,\n")
        self.db("put", "User", "--begin", "2026-01-01", rows)
        found = self.db("object", "referrers", group, "--format", "json").json()
        self.assertEqual([(one["kind"], one["name"], one["member"], one["row"]) for one in found],
                         [("record", "User", "group", 0)])
        # An object of another struct is not what is referred to.
        user = self.put("User", BOB)["objects"][0]["id"]
        self.db("object", "put", "User", "-", stdin=json.dumps({**BOB, "name": "B", "group": user}), status=3)

    def test_a_closure_goes_to_another_database_with_equal_ids(self):
        self.ready()
        session = {"name": "s1", "user": BOB}
        image = self.put("Image", {"x": "NaN", "session": session, "by": ALICE})["objects"][0]["id"]
        lines = self.db("object", "export", image, "--closure").out
        self.assertEqual(len([one for one in lines.splitlines() if '"id"' in one]), 5)
        exported = self.file("x.jsonl", lines)
        here, self.url = self.url, self.make_url("other")
        self.db("init")
        self.db("object", "import", exported, status=3)
        self.db("object", "import", exported, "--register")
        self.assertIn("0 of them new", self.db("object", "import", exported).out)
        there = self.db("object", "export", image, "--closure").out
        self.assertEqual(there, lines)
        damaged = self.file("y.jsonl", lines.replace('"AMI"', '"AMX"'))
        self.assertIn("does not have its id", self.db("object", "import", damaged, status=2).err)
        self.db("verify", "--deep")
        self.url = here

    def test_files_are_kept_and_found_missing(self):
        self.ready()
        root = self.folder / "kept"
        root.mkdir()
        self.file("a.tif", "pixels")
        one = {"x": 1, "pixels": {"file": str(self.folder / "a.tif")}}
        self.assertIn("--files", self.db("object", "put", "Image", "-", stdin=json.dumps(one), status=2).err)
        done = self.etalon("--files", root, "-d", self.url, "object", "put", "Image", "-", "--format", "json",
                           stdin=json.dumps([one, {**one, "x": 2}])).json()
        self.assertEqual(len(done["objects"]), 2)
        value = self.query("Image", "--where", "x = 1")[0]["value"]["pixels"]
        self.assertEqual(value["size"], 6)
        self.assertEqual(len([path for path in root.rglob("*") if path.is_file()]), 1)
        self.etalon("--files", root, "-d", self.url, "file", "check", "--references")
        self.etalon("--files", root, "-d", self.url, "verify", "--deep")
        (root / value["sha256"][:2] / value["sha256"][2:]).unlink()
        error = self.etalon("--files", root, "-d", self.url, "file", "check", "--references", status=1).out
        self.assertIn(value["sha256"], error)
        self.assertIn("pixels", error)
        self.etalon("--files", root, "-d", self.url, "verify", status=1)

    def test_a_graph_over_two_databases_goes_in_by_one_call_and_is_asked_across_both(self):
        people, images = self.make_url("people"), self.make_url("images")
        config = self.file("lab.toml", "\n".join(
            f'[databases.{self.name_of(url)}]\nurl = "{url}"' for url in (people, images)))
        header = HEADER.replace("struct Session;", "struct Session;")
        split = header.index("struct Image")
        self.etalon("-d", people, "init")
        self.etalon("-d", images, "init")
        self.etalon("-d", people, "register", self.file("people.h", header[:split]))
        own = "#include <etalon/ref.h>\nstruct User;\nstruct Session;\n" + header[split:]
        self.etalon("-d", images, "register", self.file("images.h", own), status=3)
        self.etalon("--config", config, "-d", self.name_of(images), "register", self.folder / "images.h")
        both = ["--config", config]
        done = self.etalon(*both, "object", "put", "Image", "-", "--format", "json", stdin=json.dumps(
            [{"x": 1, "by": BOB, "session": {"name": "s", "user": ALICE}}, {"x": 2, "by": ALICE}])).json()
        self.assertEqual(len(done["objects"]), 6)
        found = self.etalon(*both, "object", "query", "Image", "--where", 'by.group.name = "AMI" and session.user.name = "Alice"',
                            "--follow", "all", "--format", "json").json()["objects"]
        self.assertEqual([one["value"]["x"] for one in found], [1])
        self.assertEqual(found[0]["value"]["by"]["value"]["group"]["value"]["name"], "AMI")
        self.etalon(*both, "verify", "--deep")

    def test_a_condition_that_would_mean_two_things_in_two_databases_is_refused(self):
        urls = {unit: self.make_url(f"of_{unit}") for unit in ("mm", "m")}
        config = self.file("two.toml", "\n".join(
            f'[databases.{self.name_of(url)}]\nurl = "{url}"' for url in urls.values()))
        for unit, url in urls.items():
            self.etalon("-d", url, "init")
            self.etalon("-d", url, "register", self.file(f"{unit}.h", f"struct S {{ double x; /* [{unit}] */ }};"))
            self.etalon("-d", url, "object", "put", "S", "-", stdin='{"x": 6}')
        self.etalon("--config", config, "object", "query", "S", "--where", "x > 5", status=2)
        self.assertEqual(len(self.etalon("--config", config, "-d", self.name_of(urls["m"]), "object", "query", "S").out.splitlines()), 3)

    def test_values_that_were_valid_are_asked_with_a_condition(self):
        self.db("init")
        self.db("register", self.file("p.h", "struct PixelSize { double magnification; double pixelSize; /* [nm] */ };"))
        for day, rows in ((1, "25000,0.6\n50000,0.2994\n"), (2, "25000,0.5987\n"), (5, "50000,0.3001\n")):
            self.db("put", "PixelSize", "--begin", f"2026-01-0{day}", self.file("p.csv", "magnification,pixelSize\n" + rows))
        answer = self.db("get", "PixelSize", "--at", "2026-01-03", "--where", "magnification = 50000", "--format", "json").json()
        self.assertIn(0.2994, [row["pixelSize"] for row in answer["rows"]])
        self.assertEqual((answer["begin"], answer["end"]), ("2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z"))

    def test_queries_are_kept_as_of_commits(self):
        self.ready()
        self.put("User", BOB, ALICE)
        self.db("query", "define", "by", "User", "--where", "username = :who", "--comment", "who it is")
        before = json.loads(self.db("log", "--format", "json").out)[0]["commit"]
        self.assertEqual(self.db("query", "define", "by", "User", "--where", "username = :who", "--comment", "who it is").out,
                         "nothing to change\n")
        self.db("query", "define", "by", "User", "--where", "username = :who or name = :who")
        run = self.db("query", "run", "by", "who=Bob", "--format", "json").json()["objects"]
        self.assertEqual(len(run), 1)
        self.db("query", "run", "by", "who=Bob", "--as-of", before, status=1)
        self.assertIn("who", self.db("query", "show", "by").out)
        self.db("query", "run", "by", status=2)
        self.db("query", "run", "by", "who=a", "other=b", status=2)
        self.db("query", "define", "bad", "User", "--where", "nam = :x", status=3)
        self.db("query", "retire", "by")
        self.assertEqual(self.db("query", "list", "--format", "json").json(), [])
        self.assertEqual(len(self.db("query", "list", "--as-of", before, "--format", "json").json()), 1)

    def test_an_object_is_read_in_older_and_newer_layouts(self):
        self.ready()
        bob = self.put("User", BOB)["objects"][0]["id"]
        newer = HEADER.replace("ETALON_REF(Group) group;", "ETALON_REF(Group) team; ETALON_REF(User) boss;")
        header = self.file("newer.h", newer)
        plan = {one["struct"]: one for one in self.db("check", header, "--format", "json").json()["structs"]}["User"]
        rules = self.file("rules/User.rules", f"struct User\nfrom {plan['previousLayout'][:12]} to {plan['layout'][:12]}\n"
                                              "  rename group -> team\n").parent
        self.db("register", "--strict", header, "--rules", rules)
        got = self.db("object", "get", bob, "--format", "json").json()["objects"][0]
        self.assertEqual(got["absent"], ["boss"])
        self.assertIsNone(got["value"]["boss"])
        self.assertRegex(got["value"]["team"], "^[0-9a-f]{32}$")
        self.assertEqual(self.names("--where", 'team.name = "AMI"'), ["Bob"])
        self.assertEqual(self.names("--where", "boss is null"), ["Bob"])
        old = self.db("object", "get", bob, "--schema", 1, "--format", "json").json()["objects"][0]
        self.assertIn("group", old["value"])
        self.db("object", "get", bob, "--strict", status=3)
        # What a reference is to may be called otherwise since.
        team = newer.replace("struct Group", "struct Team").replace("ETALON_REF(Group)", "ETALON_REF(Team)")
        header = self.file("team.h", team)
        group = self.db("schema", "Group", "--as", "json").json()["layout"]
        plan = {one["struct"]: one for one in self.db("check", header, "--format", "json", status=1).json()["structs"]}["Team"]
        self.file("rules/Team.rules", f"struct Team\nfrom {group[:12]} to {plan['layout'][:12]}\n"
                                      "  rename struct Group -> Team\n")
        self.db("register", "--strict", header, "--rules", rules)
        self.assertEqual(self.names("--where", 'team.name = "AMI"'), ["Bob"])
        self.put("User", {"name": "Eve", "username": "eve", "team": {"name": "New", "description": ""}})
        self.assertEqual(self.names("--where", 'team.name in ("AMI", "New")'), ["Eve", "Bob"])
        self.assertEqual(self.query("User", "--schema", 1, "--follow", "all")[1]["value"]["group"]["value"]["name"], "AMI")
        newer = team
        refused = self.file("refused.h", newer.replace("ETALON_REF(User) boss;", "ETALON_REF(Team) boss;"))
        self.assertIn("refused", self.db("check", refused, status=1).out)

    def test_a_layer_above_the_one_written_to_is_no_place_to_refer_to(self):
        if command_line_test.ARGS.engine != "sqlite":
            self.skipTest("layers are the same on both engines")
        up, low = f"sqlite:{self.folder}/up.db#D", f"sqlite:{self.folder}/low.db#D"
        header = self.file("microscope.h", HEADER)
        for url in (up, low):
            self.etalon("-d", url, "init")
            self.etalon("-d", url, "register", header)
        group = {"name": "AMI", "description": ""}
        put = ["object", "put", "Group", "-", "--format", "json"]
        made = self.etalon("-d", up, *put, stdin=json.dumps(group)).json()["objects"][0]["id"]
        both = ["-d", up, "-d", low, "--write-to", low]
        self.etalon(*both, "object", "put", "User", "-", stdin=json.dumps({**BOB, "group": made}), status=3)
        self.assertTrue(self.etalon(*both, *put, stdin=json.dumps(group)).json()["objects"][0]["new"])
        self.etalon(*both, "object", "put", "User", "-", stdin=json.dumps({**BOB, "group": made}))
        self.etalon("-d", low, "verify", "--deep")
        self.etalon("-d", up, "-d", low, "--write-to", up, "object", "put", "User", "-", stdin=json.dumps(ALICE))
        self.assertEqual(len(self.etalon("-d", up, "-d", low, "object", "query", "User", "--where", 'group.name = "AMI"',
                                         "--format", "json").json()["objects"]), 2)

    def test_an_example_with_a_misspelt_member_asks_for_nothing(self):
        self.ready()
        self.put("User", BOB)
        for wrong in ({"grup": {}}, {"grup": []}, {"group": {"nam": {}}}, {'name = "x" or name': "Bob"}):
            example = self.file("e.json", json.dumps(wrong))
            self.db("object", "query", "User", "--example", example, status=3)
            self.db("query", "define", "q", "User", "--example", example, status=3)
        self.assertEqual(self.names("--example", self.file("e.json", '{"group": {}}')), ["Bob"])
        self.assertIn("did you mean", self.db("object", "query", "User", "--order", "nam", status=3).err)

    def test_csv_of_objects_goes_back_in(self):
        self.ready()
        names = ["Zo\u00eb", "C:\\x", "line\nfeed", 'a "quoted" one', "a,b", ""]
        self.put("User", *({"name": one, "username": "u", "group": None} for one in names))
        lines = self.db("object", "query", "User", "--oldest", "--format", "csv").out.splitlines()
        self.assertEqual(lines[0], "id,commit,entryTime,name,username,group")
        rows = [line.split(",", 3)[3] for line in lines]
        done = self.db("object", "put", "User", self.file("u.csv", "\n".join(rows) + "\n"), "--format", "json").json()["objects"]
        self.assertEqual([(one["id"], one["new"]) for one in done], [(line.split(",")[0], False) for line in lines[1:]])

    def test_what_is_printed_for_a_reference_goes_back_in(self):
        self.ready()
        user = self.put("User", BOB)["objects"][0]["id"]
        value = self.db("object", "get", user, "--follow", "group", "--format", "json").json()["objects"][0]["value"]
        self.assertEqual(self.put("User", value)["objects"][0], {"id": user, "struct": "User", "new": False})

    def test_files_of_a_put_that_is_refused_are_not_kept(self):
        self.ready()
        root = self.folder / "kept"
        root.mkdir()
        self.file("a.tif", "pixels")
        one = {"x": 1, "pixels": {"file": str(self.folder / "a.tif")}}
        for wrong in ({"by": {"nam": "x"}}, {"by": "0" * 31 + "1"}):
            self.etalon("--files", root, "-d", self.url, "object", "put", "Image", "-", stdin=json.dumps({**one, **wrong}),
                        status=2 if isinstance(wrong["by"], dict) else 3)
        self.assertEqual([path for path in root.rglob("*") if path.is_file()], [])

    def test_paths_of_many_references_are_asked_or_refused(self):
        self.db("init")
        self.db("register", self.file("n.h", "#include <etalon/ref.h>\nstruct Node { char name[8]; ETALON_REF(Node) up; };"))
        node = {"name": "n0", "up": None}
        for i in range(1, 31):
            node = {"name": f"n{i}", "up": node}
        self.put("Node", node)
        for depth in (1, 5, 9, 14, 30):
            found = self.query("Node", "--where", "up." * depth + 'name = "n0"')
            self.assertEqual([one["value"]["name"] for one in found], [f"n{depth}"])
        self.query("Node", "--where", "up." * 31 + 'name = "n0"', status=1)
        self.assertIn("too many parts", self.db("object", "query", "Node", "--where", "up." * 2000 + 'name = "x"', status=2).err)
        deep = "(" * 90 + 'up.name = "n0"' + " or name = \"x\")" * 90
        self.assertEqual([one["value"]["name"] for one in self.query("Node", "--where", deep)], ["n1"])

    def test_records_are_asked_across_their_references(self):
        self.ready()
        ami, new = (self.put("Group", {"name": name, "description": ""})["objects"][0]["id"] for name in ("AMI", "New"))
        for day, (name, group) in enumerate((("Bob", ami), ("Eve", new), ("Tom", "")), 1):
            self.db("put", "User", "--begin", f"2026-01-0{day}", self.file("u.csv", f"name,username,group\n{name},u,{group}\n"))
        answer = self.db("get", "User", "--at", "2026-01-03", "--where", 'group.name = "AMI"', "--format", "json").json()
        self.assertEqual(([row["name"] for row in answer["rows"]], answer["end"]), (["Bob"], None))
        found = self.db("history", "User", "--where", 'not group.name = "AMI"', "--format", "json").json()
        self.assertEqual([one["begin"] for one in found], ["2026-01-02T00:00:00Z"])
        found = self.db("history", "User", "--where", 'group.name is null', "--format", "json").json()
        self.assertEqual([one["begin"] for one in found], ["2026-01-03T00:00:00Z"])

    def test_an_import_may_be_tried_before_definitions_are_recorded(self):
        self.ready()
        user = self.put("User", BOB)["objects"][0]["id"]
        exported = self.file("x.jsonl", self.db("object", "export", user, "--closure").out)
        self.url = self.make_url("other")
        self.db("init")
        self.assertIn("would record Group, User", self.db("object", "import", exported, "--register", "--dry-run").out)
        self.assertEqual(self.db("structs", "--format", "json").json(), [])

    def test_errors_about_references_say_where_they_stand(self):
        self.ready()
        one = {**BOB, "group": "0" * 31 + "1"}
        error = self.db("object", "put", "User", "-", stdin=json.dumps([ALICE, one]), status=3).err
        self.assertIn("standard input, object 1, struct User, member group", error)

    def test_a_deleted_object_or_row_is_no_shorter_answer(self):
        if command_line_test.ARGS.engine != "sqlite":
            self.skipTest("triggers are dropped in a file")
        self.ready()
        self.put("User", BOB, ALICE)
        path = self.url[len("sqlite:"):]
        copy = self.folder / "copy.db"
        for table, statement in (("User", 'DELETE FROM "User" WHERE "name" = \'Bob\''),
                                 ("object", 'DELETE FROM "object" WHERE "position" = 1')):
            shutil.copy(path, copy)
            with sqlite3.connect(copy) as connection:
                connection.execute(f'DROP TRIGGER "{table}_noDelete"')
                connection.execute(statement)
            connection.close()
            self.etalon("-d", f"sqlite:{copy}", "object", "query", "User", status=3)


if __name__ == "__main__":
    command_line_test.main()
