"""Reads struct layouts out of the DWARF that a compiler wrote, through `readelf`: the independent side of the
comparisons. A struct becomes a list of leaves (path, type, dims, offset), flattened as docs/writing_structs.md describes it."""

import re
import subprocess

_DIE = re.compile(r"^\s*<(\d+)><([0-9a-f]+)>: Abbrev Number: (\d+)(?: \((\w+)\))?")
_ATTRIBUTE = re.compile(r"^\s*<[0-9a-f]+>\s+(DW_AT_\w+)\s*:\s*(.*?)\s*$")


class Unstorable(Exception):
    """A leaf that has no stored form; the text names why."""


def _without_offset(text):
    return re.sub(r"^\((?:[^()]*, )?offset: (?:0x)?[0-9a-f]+\): ", "", text)


class Die:
    __slots__ = ("tag", "attributes", "children")

    def __init__(self, tag):
        self.tag = tag
        self.attributes = {}
        self.children = []

    def name(self):
        text = self.attributes.get("DW_AT_name")
        if text is None:
            return None
        # `(indirect string, offset: 0x12): gain`, in newer versions `(offset: 0x12): gain`
        return _without_offset(text)

    def number(self, attribute, default=0):
        text = self.attributes.get(attribute)
        if text is None:
            return default
        match = re.match(r"(-?0x[0-9a-f]+|-?\d+)", text)
        return int(match.group(1), 0) if match else default


class Dwarf:
    def __init__(self, object_file):
        text = subprocess.run(["readelf", "--debug-dump=info", "-W", object_file], check=True, capture_output=True,
                              text=True, errors="replace").stdout
        self.dies = {}
        self.roots = []
        stack = []
        current = None
        for line in text.splitlines():
            match = _DIE.match(line)
            if match:
                depth, offset, abbrev, tag = int(match.group(1)), int(match.group(2), 16), match.group(3), match.group(4)
                if abbrev == "0":
                    current = None
                    continue
                current = Die(tag)
                self.dies[offset] = current
                del stack[depth:]
                if stack:
                    stack[-1].children.append(current)
                else:
                    self.roots.append(current)
                stack.append(current)
                continue
            match = _ATTRIBUTE.match(line)
            if match and current is not None:
                # Newer versions of readelf put the form first: `(ref4) <0x94>, unsigned int`.
                current.attributes[match.group(1)] = re.sub(r"^\(\w+\)\s+", "", match.group(2))

        self.files = self._read_files(object_file)

    @staticmethod
    def _read_files(object_file):
        """Number -> path of the file table of the one unit in the object (DWARF 5)."""
        text = subprocess.run(["readelf", "--debug-dump=rawline", "-W", object_file], check=True, capture_output=True,
                              text=True, errors="replace").stdout
        folders, files, table = {}, {}, None
        for line in text.splitlines():
            if "The Directory Table" in line or "The File Name Table" in line:
                table = folders if "Directory" in line else files
                continue
            fields = [_without_offset(f) for f in re.sub(r"\((udata|line_strp|strp|string|data\d+)\)\s+", "", line).strip().split("\t")]
            if table is None or not fields[0].isdigit():
                continue
            if table is folders and len(fields) >= 2:
                folders[int(fields[0])] = fields[1]
            elif table is files and len(fields) >= 3:
                files[int(fields[0])] = folders.get(int(fields[1]), "") + "/" + fields[2]
        return files

    def file_of(self, die):
        return self.files.get(die.number("DW_AT_decl_file", -1), "")

    def names_inside_others(self):
        """Names of structs that are defined as the type of a member of another struct or union."""
        found = set()
        for die in self.dies.values():
            if die.tag not in ("DW_TAG_structure_type", "DW_TAG_union_type"):
                continue
            for member in die.children:
                inner = self.strip(self.type_of(member)) if member.tag == "DW_TAG_member" else None
                while inner is not None and inner.tag == "DW_TAG_array_type":
                    inner = self.strip(self.type_of(inner))
                if inner is None or not inner.name() or self.file_of(inner) != self.file_of(die):
                    continue
                if inner.number("DW_AT_decl_line") >= die.number("DW_AT_decl_line"):
                    found.add(inner.name())
        return found

    def type_of(self, die):
        text = die.attributes.get("DW_AT_type")
        if text is None:
            return None
        return self.dies[int(re.match(r"<(?:0x)?([0-9a-f]+)>", text).group(1), 16)]

    def strip(self, die):
        """Through typedefs and qualifiers."""
        while die is not None and die.tag in ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type"):
            die = self.type_of(die)
        return die

    def structs(self):
        """Name -> struct DIE, for tags and for typedefs of unnamed structs."""
        found = {}
        for root in self.roots:
            for die in root.children:
                if die.tag == "DW_TAG_structure_type" and die.name() and "DW_AT_declaration" not in die.attributes:
                    found.setdefault(die.name(), die)
            for die in root.children:
                if die.tag == "DW_TAG_typedef":
                    target = self.type_of(die)
                    if target is not None and target.tag == "DW_TAG_structure_type" and target.name() is None:
                        found.setdefault(die.name(), target)
        return found

    def leaves(self, struct, prefix="", base=0):
        """[(path, type, dims, offset)]; raises Unstorable."""
        out = []
        members = [child for child in struct.children if child.tag == "DW_TAG_member"]
        if not members:
            raise Unstorable("empty")
        for member in members:
            if "DW_AT_bit_size" in member.attributes or "DW_AT_data_bit_offset" in member.attributes:
                raise Unstorable("bit-field")
            name = member.name()
            offset = base + member.number("DW_AT_data_member_location")
            out += self._expand(self.type_of(member), prefix + (name or ""), name is None, offset, [])
        return out

    def _expand(self, die, path, anonymous, offset, dims):
        die = self.strip(die)
        if die is None:
            raise Unstorable("void")
        if die.tag == "DW_TAG_array_type":
            if "DW_AT_GNU_vector" in die.attributes:
                raise Unstorable("vector")
            for bound in die.children:
                if bound.tag != "DW_TAG_subrange_type":
                    continue
                if "DW_AT_count" in bound.attributes:
                    count = bound.number("DW_AT_count")
                elif "DW_AT_upper_bound" in bound.attributes:
                    count = bound.number("DW_AT_upper_bound") + 1
                else:
                    raise Unstorable("flexible-array")
                if count in (0, 1 << 64):
                    raise Unstorable("zero-length-array")
                dims = dims + [count]
            return self._expand(self.type_of(die), path, anonymous, offset, dims)
        if die.tag == "DW_TAG_structure_type":
            size = die.number("DW_AT_byte_size")
            count = 1
            for dim in dims:
                count *= dim
            out = []
            for index in range(count):
                suffix, rest = "", index
                for dim in reversed(dims):
                    suffix = "[%d]%s" % (rest % dim, suffix)
                    rest //= dim
                prefix = path + suffix + ("" if anonymous else ".")
                out += self.leaves(die, prefix, offset + index * size)
            return out
        return [(path, self._scalar(die, dims), dims, offset)]

    def _scalar(self, die, dims):
        size = die.number("DW_AT_byte_size")
        encoding = die.attributes.get("DW_AT_encoding", "")
        if die.tag == "DW_TAG_enumeration_type":
            if not encoding:
                encoding = self.strip(self.type_of(die)).attributes["DW_AT_encoding"]
        elif die.tag != "DW_TAG_base_type":
            raise Unstorable(die.tag)
        if "boolean" in encoding:
            return "bool"
        if "float" in encoding and "complex" not in encoding and size in (4, 8):
            return "float%d" % (8 * size)
        if die.name() == "char" and dims:
            return "char"
        if "signed" in encoding and size in (1, 2, 4, 8):
            return ("uint%d" if "unsigned" in encoding else "int%d") % (8 * size)
        raise Unstorable("%s of %d bytes" % (encoding, size))
