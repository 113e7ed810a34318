"""What the payload holds, path by path, and nothing else: neither more nor less, nor in other letters."""

import posixpath

from check import cpio

NAMES = ("latchkey", "latchkeyd", "latchkey-service")
LOCAL = "./usr/local"
LINKS = {f"{LOCAL}/bin/{name}": f"../libexec/latchkey/{name}" for name in NAMES}
RUN = {f"{LOCAL}/libexec/latchkey/{name}" for name in (*NAMES, "uninstall.sh")}
READ = {f"{LOCAL}/libexec/latchkey/agent.toml", "./Library/LaunchDaemons/org.latchkey.agent.plist"}
READ |= {f"{LOCAL}/share/latchkey/{name}" for name in ("LICENSE", "org.latchkey.agent.mobileconfig", "org.latchkey.agent.login-items.mobileconfig")}
READ |= {f"{LOCAL}/share/man/{page}" for page in ("man1/latchkey.1", "man5/agent.toml.5", "man8/latchkeyd.8", "man8/latchkey-service.8")}
READ |= {f"{LOCAL}/share/zsh/site-functions/_{name}" for name in NAMES}
READ |= {f"{LOCAL}/share/bash-completion/completions/{name}" for name in NAMES}


def wanted() -> dict:
    """path -> what it is, in words."""
    found = {path: f"a link to {target}" for path, target in LINKS.items()}
    found |= {path: "a file with mode 0755" for path in RUN} | {path: "a file with mode 0644" for path in READ}
    for path in list(found):
        while (path := posixpath.dirname(path)) and path not in found:
            found[path] = "a folder"
    return found


def what_it_is(item) -> str:
    if item.kind == cpio.FOLDER:
        return "a folder"
    if item.kind == cpio.LINK:
        return f"a link to {item.data.decode('utf-8', 'replace')}"
    return f"a file with mode {item.mode & 0o7777:04o}"


def judge(items: list, report) -> None:
    belongs, there = wanted(), {item.path: what_it_is(item) for item in items}
    for path in sorted(belongs.keys() | there.keys()):
        is_there, should = there.get(path, "missing"), belongs.get(path, "missing")
        report.check("payload.paths", is_there == should, repr(path), f"is {is_there}; it ought to be {should}")
