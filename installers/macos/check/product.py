"""Judges Distribution and PackageInfo, and what they say against payload and scripts."""

import re
from itertools import zip_longest
from xml.etree import ElementTree

from check import markup
from check.report import Broken

IDENTIFIER = "org.latchkey.agent"
OLDEST, ARCHITECTURES = "11.0", {"arm64", "x86_64"}
COMPONENT_PARTS = ("Bom", "PackageInfo", "Payload", "Scripts")

# Both documents as they are to be, said here anew. Whatever an element or an attribute that is not here would do, it does not belong here.
DISTRIBUTION = """<installer-gui-script minSpecVersion="2">
  <title>Latchkey agent</title>
  <product id="org.latchkey.agent" version="{version}"/>
  <license file="license.txt" mime-type="text/plain"/>
  <options customize="never" hostArchitectures="arm64,x86_64" require-scripts="false" rootVolumeOnly="true"/>
  <domains enable_anywhere="false" enable_currentUserHome="false" enable_localSystem="true"/>
  <volume-check script="no_newer_one()"><allowed-os-versions><os-version min="11.0"/></allowed-os-versions></volume-check>
  <script>
    function no_newer_one() {{
    var there = my.target.receiptForIdentifier('org.latchkey.agent');
    if (there &amp;&amp; system.compareVersions(there.version, '{version}') &gt; 0) {{
    my.result.type = 'Fatal';
    my.result.title = 'A newer version is installed';
    my.result.message = 'Latchkey agent ' + there.version + ' is installed, and this package is ' + '{version}'
    + '. To go back, run /usr/local/libexec/latchkey/uninstall.sh first; licenses and settings stay.';
    return false;
    }}
    return true;
    }}
  </script>
  <choices-outline><line choice="all"><line choice="agent"/></line></choices-outline>
  <choice id="all"/>
  <choice id="agent" visible="false"><pkg-ref id="org.latchkey.agent"/></choice>
  <pkg-ref id="org.latchkey.agent" installKBytes="{kilobytes}" onConclusion="none" version="{version}">#{component}</pkg-ref>
</installer-gui-script>"""
INFO = """<pkg-info auth="root" format-version="2" identifier="org.latchkey.agent" install-location="/" overwrite-permissions="false"
    postinstall-action="none" relocatable="false" version="{version}">
  <payload installKBytes="{kilobytes}" numberOfFiles="{files}"/>
  <scripts><preinstall file="./preinstall"/><postinstall file="./postinstall"/></scripts>
</pkg-info>"""


def component_of(parts: dict, report) -> str:
    """The folder of the one component. Raises Broken."""
    folders = sorted({name.split("/")[0] for name in parts if name.endswith("/PackageInfo")})
    if len(folders) != 1:
        raise Broken(f"it has {len(folders)} components: {folders}")
    wanted = {"Distribution", "Resources/license.txt"} | {f"{folders[0]}/{part}" for part in COMPONENT_PARTS}
    report.check("xar.parts", set(parts) == wanted, "the package", f"missing: {sorted(wanted - set(parts))}; strange: {sorted(set(parts) - wanted)}")
    return folders[0]


def parse(name: str, parts: dict):
    try:
        return ElementTree.fromstring(parts[name])
    except (LookupError, ValueError, ElementTree.ParseError) as error:  # no such part, or an encoding that is none
        raise Broken(f"{name}: {error!r}") from None


def version_of(parts: dict, component: str) -> str:
    """As PackageInfo says; empty where it says none."""
    try:
        return parse(f"{component}/PackageInfo", parts).get("version") or ""
    except Broken:  # judge_info() tells of it
        return ""


def one(above, name: str):
    found = above.findall(f".//{name}")
    if len(found) != 1:
        raise Broken(f"has {len(found)} elements <{name}>, and one is wanted")
    return found[0]


def told(element, above: str = "") -> list:
    """Everything that an element says, in its order, one line each."""
    where = f"{above}/{element.tag}"
    lines = [f"{where} {' '.join(f'{name}={value!r}' for name, value in sorted(element.attrib.items()))}"]
    lines += [f"{where}: {line.strip()}" for line in (element.text or "").splitlines() if line.strip()]
    for held in element:
        lines += told(held, where)
        lines += [f"{where}: {line.strip()}" for line in (held.tail or "").splitlines() if line.strip()]
    return lines


def judge_whole(promise: str, where: str, parts: dict, top, wanted: str, report) -> None:
    strange = markup.strange(parts[where])
    report.check(promise, not strange, where, f"has {strange}")
    pairs = list(zip_longest(told(top), told(ElementTree.fromstring(wanted)), fillvalue="nothing more"))
    found, right = next(((one, other) for one, other in pairs if one != other), ("", ""))
    report.check(promise, found == right, where, f"says {found!r} where {right!r} belongs")


def judge_distribution(parts: dict, component: str, version: str, kilobytes: int, report) -> None:
    check, where = report.check, "Distribution"
    top = parse("Distribution", parts)
    if re.fullmatch(r"[\d.]+", version):
        judge_whole("distribution.whole", where, parts, top, DISTRIBUTION.format(version=version, kilobytes=kilobytes, component=component), report)
    least = top.get("minSpecVersion", "0")
    check("distribution.form", top.tag in ("installer-gui-script", "installer-script") and re.fullmatch(r"[2-9](\.\d+)?", least), where, f"<{top.tag}> of version {least}")
    check("distribution.form", (top.findtext("title") or "").strip(), where, "it has no title")
    product = one(top, "product")
    check("distribution.identity", (product.get("id"), product.get("version")) == (IDENTIFIER, version), where,
          f"product {product.get('id')} {product.get('version')}; {IDENTIFIER} {version} belongs there")
    references = [found for found in top.iter("pkg-ref") if (found.text or "").strip()]
    check("distribution.identity", len(references) == 1, where, f"{len(references)} references to components")
    for reference in references:
        said = (reference.get("id"), reference.get("version"), reference.text.strip(), reference.get("installKBytes"))
        wanted = (IDENTIFIER, version, f"#{component}", str(kilobytes))
        check("distribution.identity", said == wanted, where, f"refers to {said}; {wanted} is right")
        check("distribution.identity", reference.get("onConclusion", "none") == "none", where, "asks for a restart")
    judge_system(top, report)
    license_file = one(top, "license").get("file")
    check("distribution.license", parts.get(f"Resources/{license_file}", b"").strip(), where, f"{license_file} is not there or empty")
    judge_refusal(top, version, report)
    lines, choices = [line.get("choice") for line in top.iter("line")], [choice.get("id") for choice in top.iter("choice")]
    check("distribution.choices", None not in lines and sorted(lines) == sorted(map(str, choices)), where, f"outline {lines}, choices {choices}")
    check("distribution.choices", one(top, "options").get("customize") == "never", where, "lets the user choose")
    chosen = {found.get("id") for choice in top.iter("choice") for found in choice.iter("pkg-ref")}
    check("distribution.choices", chosen == {IDENTIFIER}, where, f"chosen is {chosen}")


def judge_system(top, report) -> None:
    check, where = report.check, "Distribution"
    options, domains = one(top, "options"), one(top, "domains")
    check("distribution.system", set((options.get("hostArchitectures") or "").split(",")) == ARCHITECTURES, where,
          f"hostArchitectures {options.get('hostArchitectures')}: without arm64 a Mac with Apple silicon asks for Rosetta")
    check("distribution.system", options.get("rootVolumeOnly") == "true" and domains.get("enable_localSystem") == "true"
          and domains.get("enable_anywhere") == domains.get("enable_currentUserHome") == "false", where, "it may be installed elsewhere than for the whole system")
    allowed = one(top, "allowed-os-versions").findall("os-version")
    check("distribution.system", [dict(found.attrib) for found in allowed] == [{"min": OLDEST}], where,
          f"allows {[dict(found.attrib) for found in allowed]}; from {OLDEST} on is right")


def judge_refusal(top, version: str, report) -> None:
    """What the script does no one can show without Installer; that it asks for the right things is seen."""
    called = re.fullmatch(r"(\w+)\(\)", one(top, "volume-check").get("script") or "")
    script = "".join(found.text or "" for found in top.iter("script"))
    body = re.search(rf"function {called[1]}\(\) {{(.*?)\n}}", script, re.DOTALL) if called else None
    asks = body and f"receiptForIdentifier('{IDENTIFIER}')" in body[1] and re.search(rf"compareVersions\(\w+\.version, '{re.escape(version)}'\) > 0", body[1])
    check = report.check
    check("distribution.downgrade", asks, "Distribution", f"no script compares the receipt of {IDENTIFIER} with {version}")
    check("distribution.downgrade", body and "return false" in body[1] and "my.result.type = 'Fatal'" in body[1] and "my.result.message" in body[1],
          "Distribution", "the script does not refuse, or does not say why")


def judge_info(parts: dict, component: str, items: list, scripts: dict, report) -> tuple:
    """Returns (version, kilobytes) as PackageInfo says. Raises Broken."""
    check, where = report.check, f"{component}/PackageInfo"
    top = parse(where, parts)
    said = tuple(top.get(name) for name in ("identifier", "auth", "install-location", "format-version", "relocatable", "postinstall-action"))
    wanted = (IDENTIFIER, "root", "/", "2", "false", "none")
    check("info.identity", top.tag == "pkg-info" and said == wanted, where, f"says {said}; {wanted} is right")
    version = top.get("version") or ""
    check("info.identity", re.fullmatch(r"\d+\.\d+\.\d+", version), where, f"version {version!r}")
    payload = one(top, "payload")
    kilobytes = -(-sum(len(item.data) for item in items) // 1024)
    sizes = (payload.get("numberOfFiles"), payload.get("installKBytes"))
    check("info.sizes", sizes == (str(len(items)), str(kilobytes)), where, f"says {sizes}; {len(items)} and {kilobytes} are right")
    check("info.folders", top.get("overwrite-permissions") == "false", where,
          f"overwrite-permissions {top.get('overwrite-permissions')}: folders below /usr/local may be Homebrew's")
    if re.fullmatch(r"[\d.]+", version):
        judge_whole("info.whole", where, parts, top, INFO.format(version=version, kilobytes=kilobytes, files=len(items)), report)
    named = {found.tag: found.get("file") for found in one(top, "scripts")}
    check("info.scripts", named == {"preinstall": "./preinstall", "postinstall": "./postinstall"}, where, f"names {named}")
    for file in named.values():
        check("info.scripts", file in scripts, where, f"names {file}, which is not among the scripts")
    return version, kilobytes
