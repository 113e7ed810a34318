"""The two documents that tell Installer what the package is: Distribution for the product, PackageInfo for its one component."""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from pkg import bom, payload, tree

COMPONENT = "agent.pkg"
LICENSE = "license.txt"


@dataclass
class Product:
    identifier: str
    version: str
    title: str
    minimum_os: str
    architectures: str  # "arm64,x86_64"


# The receipt of a newer version refuses this one, before anything is changed. preinstall asks again, for tools that unpack the component.
REFUSAL = """
function no_newer_one() {
    var there = my.target.receiptForIdentifier(%(identifier)s);
    if (there && system.compareVersions(there.version, %(version)s) > 0) {
        my.result.type = 'Fatal';
        my.result.title = 'A newer version is installed';
        my.result.message = 'Latchkey agent ' + there.version + ' is installed, and this package is ' + %(version)s
            + '. To go back, run /usr/local/libexec/latchkey/uninstall.sh first; licenses and settings stay.';
        return false;
    }
    return true;
}
"""


def distribution(product: Product, entries: list) -> bytes:
    identifier, version = quoteattr(product.identifier), quoteattr(product.version)
    refusal = REFUSAL % {"identifier": repr(product.identifier), "version": repr(product.version)}
    return f"""<?xml version="1.0" encoding="utf-8"?>
<installer-gui-script minSpecVersion="2">
  <title>{escape(product.title)}</title>
  <product id={identifier} version={version}/>
  <license file="{LICENSE}" mime-type="text/plain"/>
  <options customize="never" require-scripts="false" rootVolumeOnly="true" hostArchitectures={quoteattr(product.architectures)}/>
  <domains enable_anywhere="false" enable_currentUserHome="false" enable_localSystem="true"/>
  <volume-check script="no_newer_one()">
    <allowed-os-versions><os-version min={quoteattr(product.minimum_os)}/></allowed-os-versions>
  </volume-check>
  <script><![CDATA[{refusal}]]></script>
  <choices-outline><line choice="all"><line choice="agent"/></line></choices-outline>
  <choice id="all"/>
  <choice id="agent" visible="false"><pkg-ref id={identifier}/></choice>
  <pkg-ref id={identifier} version={version} onConclusion="none" installKBytes="{tree.kilobytes(entries)}">#{COMPONENT}</pkg-ref>
</installer-gui-script>
""".encode()


def package_info(product: Product, entries: list, scripts: list) -> bytes:
    """overwrite-permissions: folders that are there keep owner and mode, because Homebrew owns some below /usr/local."""
    named = {entry.name for entry in scripts}
    run = "".join(f'    <{one} file="./{one}"/>\n' for one in ("preinstall", "postinstall") if one in named)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<pkg-info format-version="2" identifier={quoteattr(product.identifier)} version={quoteattr(product.version)} install-location="/" auth="root" overwrite-permissions="false" relocatable="false" postinstall-action="none">
  <payload numberOfFiles="{len(entries)}" installKBytes="{tree.kilobytes(entries)}"/>
  <scripts>
{run}  </scripts>
</pkg-info>
""".encode()


def parts(product: Product, entries: list, scripts: list, license_text: bytes, time: int) -> dict:
    return {"Distribution": distribution(product, entries),
            f"Resources/{LICENSE}": license_text,
            f"{COMPONENT}/Bom": bom.bill(entries, time),
            f"{COMPONENT}/PackageInfo": package_info(product, entries, scripts),
            f"{COMPONENT}/Payload": payload.archive(entries, time),
            f"{COMPONENT}/Scripts": payload.archive(scripts, time)}
