"""Judges Distribution and PackageInfo, and what they say against payload and scripts."""

import re
from xml.etree import ElementTree

from check.report import Broken

IDENTIFIER = "org.latchkey.agent"
OLDEST, ARCHITECTURES = "11.0", {"arm64", "x86_64"}
COMPONENT_PARTS = ("Bom", "PackageInfo", "Payload", "Scripts")


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
    except (KeyError, ElementTree.ParseError) as error:
        raise Broken(f"{name}: {error!r}") from None


def one(above, name: str):
    found = above.findall(f".//{name}")
    if len(found) != 1:
        raise Broken(f"has {len(found)} elements <{name}>, and one is wanted")
    return found[0]


def judge_distribution(parts: dict, component: str, version: str, kilobytes: int, report) -> None:
    check, where = report.check, "Distribution"
    top = parse("Distribution", parts)
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
    named = {found.tag: found.get("file") for found in one(top, "scripts")}
    check("info.scripts", named == {"preinstall": "./preinstall", "postinstall": "./postinstall"}, where, f"names {named}")
    for file in named.values():
        check("info.scripts", file in scripts, where, f"names {file}, which is not among the scripts")
    return version, kilobytes
