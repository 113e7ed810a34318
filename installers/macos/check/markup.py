"""Judges what a tree of elements does not show of an XML text, and the archive's table of contents element by element."""

import re
from xml.parsers import expat

DAY = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
ENTRY = ("name", "type", "mode", "uid", "gid", "mtime")
# Element -> its attributes, and the elements in it: each once, but <file> as often as it likes.
HELD = {"xar": ((), ("toc",)), "toc": ((), ("creation-time", "checksum", "file")), "checksum": (("style",), ("offset", "size")),
        "data": ((), ("length", "offset", "size", "encoding", "extracted-checksum", "archived-checksum")),
        "directory": (("id",), (*ENTRY, "file")), "file": (("id",), (*ENTRY, "data"))}
DIGEST = (("style",), r"[0-9a-f]+")
NUMBER = ((), r"\d+")
# Element without others in it -> its attributes, and what it says.
SAID = {"name": ((), ".+"), "type": ((), "file|directory"), "uid": ((), "0"), "gid": ((), "0"), "mtime": ((), f"{DAY}Z"), "creation-time": ((), DAY),
        "length": NUMBER, "offset": NUMBER, "size": NUMBER, "encoding": (("style",), ""), "extracted-checksum": DIGEST, "archived-checksum": DIGEST}
MODES = {"directory": "0755", "file": "0644"}
SIGNATURES = ("signature", "x-signature", "signature-creation-time")  # productsign's


def strange(data: bytes) -> str:
    """What is in it beside elements and text: it belongs in none of the documents, and nothing else would show it. Empty where all is well."""
    found = [] if data.startswith(b"<?xml ") else ["no XML declaration"]
    reader = expat.ParserCreate()
    reader.XmlDeclHandler = lambda version, encoding, alone: found.extend(
        [] if (version, (encoding or "").lower(), alone) == ("1.0", "utf-8", -1) else [f"the declaration of {version} {encoding} {alone}"])
    reader.StartDoctypeDeclHandler = lambda name, *_: found.append(f"<!DOCTYPE {name}>")
    reader.ProcessingInstructionHandler = lambda name, _: found.append(f"<?{name}?>")
    reader.CommentHandler = lambda text: found.append(f"<!--{text[:40]}-->")
    try:
        reader.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        found.append(f"no XML: {error}")
    return ", ".join(found)


def judge_table(element, report, where: str = "") -> None:
    where, kind = f"{where}/{element.tag}", element.tag
    if kind == "file":
        where += f" {element.findtext('name')!r}"
        kind = "directory" if element.findtext("type") == "directory" else "file"
    attributes, names = HELD.get(kind, ((), ()))
    inner = [one for one in element if not (kind == "toc" and one.tag in SIGNATURES)]
    once = sorted(one.tag for one in inner if one.tag != "file" or "file" not in names)
    report.check("xar.table", once == sorted(set(names) - {"file"}), where, f"has the elements {once}")
    report.check("xar.table", set(element.attrib) == set(attributes), where, f"has the attributes {sorted(element.attrib)}")
    words = "".join([element.text or "", *(one.tail or "" for one in element)]).strip()
    report.check("xar.table", not words, where, f"has the words {words[:40]!r} between its elements")
    for one in inner:
        if one.tag in HELD:
            judge_table(one, report, where)
            continue
        attributes, form = ((), MODES.get(kind, "")) if one.tag == "mode" else SAID.get(one.tag, ((), "no such element"))
        report.check("xar.table", not len(one) and set(one.attrib) == set(attributes) and re.fullmatch(form, one.text or ""), where,
                     f"says {one.tag} {one.text!r} {one.attrib or ''}; {form!r} belongs there")
