"""What the agent's deb makes of debconf's answers, and what it leaves alone. No service runs here: the scripts alone are looked at."""

import shlex

from chroot_stories import Root
from machine import check, equal
from story import story, version

SETTINGS = "/etc/latchkey/agent.d/50-debconf.toml"
INBOX = "/var/lib/latchkey/inbox"
LEFT_ALONE = "was changed by hand and is left alone"


class AnsweredRoot(Root):
    def answer(self, **answers) -> None:
        kinds = {"role": "select", "when_counted": "select"}
        lines = "\n".join(f"latchkey-agent latchkey-agent/{name.replace('_', '-')} {kinds.get(name, 'string')} {value}"
                          for name, value in answers.items())
        self.run(f"debconf-set-selections <<'LINES'\n{lines}\nLINES")

    def configure(self, before: str = "true") -> str:
        """Installed, or upgraded where it is there. What `before` does to mounts lasts as long as that."""
        return self.run(f"({before}) && dpkg -i /shared/latchkey-agent_{version(self.packages)}_amd64.deb")

    def key_file(self, path: str, key: str) -> str:
        self.run(f"install -m 0600 /dev/null {path} && echo {key} > {path}")
        return path

    def settings(self) -> str:
        return self.run(f"cat {SETTINGS}")

    def status(self) -> str:
        return self.run("dpkg-query -W -f '${db:Status-Status}' latchkey-agent")


def edited(name: str, by_hand: str):
    """A settings file that somebody edited stays as it is through an upgrade, and that is said."""
    def tell(packages):
        with AnsweredRoot(packages) as root:
            root.answer(role="lab", keyserver_url="https://one.example", product="editor", when_counted="proceed",
                        key_file=root.key_file("/root/editor.key", "KEY"))
            check(LEFT_ALONE not in root.configure(), "a new file was told to be changed by hand")
            written = root.settings()
            check(LEFT_ALONE not in root.configure(), "a file that nobody touched was told to be changed by hand")
            equal(written, root.settings(), "a file that nobody touched")
            root.run(f"{by_hand} {SETTINGS}")
            by_then = root.settings()
            check(written != by_then, "the story edits nothing")
            told = root.configure()
            equal(by_then, root.settings(), "what was edited by hand, after an upgrade")
            equal(1, told.count(LEFT_ALONE), f"how often it is told, in\n{told}")
            root.run(f"rm {SETTINGS}")
            root.configure()
            equal(written, root.settings(), "handed back by removing it")
    tell.__name__ = f"an_upgrade_keeps_{name}"
    return story(tell)


keeps_hold = edited("hold_that_was_proceed", "sed -i 's/proceed/hold/'")
keeps_workstation = edited("workstation_that_was_lab", "sed -i 's/lab/workstation/'")
keeps_second_product = edited("a_second_product", "printf '\\n[[activate]]\\nproduct = \"cad\"\\nkey_file = \"cad.key\"\\n' >>")
keeps_comment = edited("a_comment_behind_a_value", "sed -i 's/^url = .*/url = \"https:\\/\\/two.example\" # since may/'")
keeps_setting = edited("a_setting_of_ones_own", "sed -i 's/^\\[agent\\]/&\\ntpm = \"proof\"/'")


@story
def answers_that_are_given_again_are_obeyed(packages):
    with AnsweredRoot(packages) as root:
        root.answer(role="lab", product="editor", key_file=root.key_file("/root/editor.key", "EDITOR"))
        root.configure()
        equal("EDITOR", root.run(f"cat {INBOX}/editor.key").strip(), "the key")
        equal("latchkey latchkey 600", root.run(f"stat -c '%U %G %a' {INBOX}/editor.key").strip(), "whose it is")
        equal("latchkey 700", root.run(f"stat -c '%U %a' {INBOX}").strip(), "whose the inbox is")
        root.answer(role="workstation", product="cad", key_file=root.key_file("/root/cad.key", "CAD"), when_counted="proceed")
        root.configure()
        check('product = "cad"\nkey_file = "cad.key"\nconsume = true\nwhen_counted = "proceed"\n' in root.settings(), root.settings())
        check("lab" not in root.settings() and "editor" not in root.settings(), root.settings())
        equal("EDITOR CAD", " ".join(root.run(f"cat {INBOX}/editor.key {INBOX}/cad.key").split()), "the keys")
        root.run(f"rm {INBOX}/*")
        root.configure()
        equal("", root.run(f"ls -A {INBOX}"), "a key that was taken, after another upgrade")


@story
def a_key_for_a_file_that_is_left_alone_gets_its_own_name(packages):
    with AnsweredRoot(packages) as root:
        root.answer(product="editor", key_file=root.key_file("/root/editor.key", "EDITOR"))
        root.configure()
        root.run(f"echo '# mine' >> {SETTINGS} && rm {INBOX}/*")
        root.answer(product="cad", key_file=root.key_file("/root/cad.key", "CAD"))
        told = root.configure()
        equal("cad.key", root.run(f"ls -A {INBOX}").strip(), "the inbox")
        check('needs [[activate]] with product = "cad", key_file = "cad.key"' in told, told)


@story
def answers_that_debconf_lost_take_no_settings_along(packages):
    with AnsweredRoot(packages) as root:
        root.answer(role="lab")
        root.configure()
        root.run("rm /var/cache/debconf/*.dat*")
        root.configure()
        check('role = "lab"' in root.settings(), root.settings())
        root.answer(role="workstation")
        root.configure()
        equal("", root.run(f"ls {SETTINGS} 2>/dev/null || true"), "the file, once the answer is that there is nothing to set")


@story
def an_answer_that_cannot_be_used_is_told_by_name(packages):
    with AnsweredRoot(packages) as root:
        root.answer(role="Lab", product="editor", when_counted="Proceed")
        told = root.configure()
        for words in ('latchkey-agent/role is answered "Lab", which is none of: workstation, lab. Taken is "workstation".',
                      'latchkey-agent/when-counted is answered "Proceed", which is none of: hold, proceed. Taken is "hold".',
                      'latchkey-agent/product is answered "editor", but not latchkey-agent/key-file'):
            check(words in told, f"not told: {words}\n{told}")
        check('when_counted = "hold"' in root.settings() and "role" not in root.settings(), root.settings())
        told = root.configure()
        check("is answered" not in told, f"told again at the next upgrade:\n{told}")
        root.answer(product="", key_file="/root/editor.key")
        told = root.configure()
        check('latchkey-agent/key-file is answered "/root/editor.key", but not latchkey-agent/product' in told, told)


@story
def a_missing_authority_is_told_without_more_harm_than_there_is(packages):
    with AnsweredRoot(packages) as root:
        root.answer(ca_file="/etc/latchkey/not-there.pem")
        told = root.configure()
        check("not-there.pem" in told and "the configuration has a mistake" in told, told)
        check("does not start" not in told, f"the agent does start:\n{told}")


@story
def an_authority_that_is_roots_alone_is_told_at_the_first_installation(packages):
    with AnsweredRoot(packages) as root:
        root.run("install -D -m 0600 /etc/ssl/certs/ca-certificates.crt /etc/latchkey/ca.pem")
        root.answer(ca_file="/etc/latchkey/ca.pem")
        told = root.configure()
        check("ca.pem" in told and "Permission denied" in told and "the configuration has a mistake" in told, told)


@story
def root_follows_no_link_that_the_agents_user_laid(packages):
    with AnsweredRoot(packages) as root:
        root.configure()
        as_agent = "setpriv --reuid=latchkey --regid=latchkey --clear-groups"
        look = "stat -c '%n %U %G %a' /opt/v /opt/v/* /etc/shadow && cat /opt/v/*"
        root.run("install -d /opt/v && install -m 0644 /dev/null /opt/v/editor.key && echo root > /opt/v/editor.key"
                 " && install -d -o latchkey -g latchkey -m 0700 /var/lib/latchkey /var/lib/latchkey-anchor")
        before = root.run(look)
        root.run(f"{as_agent} ln -s /opt/v {INBOX}")
        root.answer(product="editor", key_file=root.key_file("/root/editor.key", "EDITOR"))
        told = root.configure()
        equal(before, root.run(look), "what an inbox that is a link leads to")
        check(f"the key did not get to {INBOX}/editor.key" in told, told)

        root.run(f"rm {INBOX} && {as_agent} mkdir {INBOX}")
        for name in ("editor.key", ".editor.key.new"):
            root.run(f"{as_agent} ln -sf /opt/v/editor.key {INBOX}/{name}")
            root.configure()
            equal(before, root.run(look), f"what {name} in the inbox leads to")

        # Nor is root made to read there what is root's.
        root.run(f"rm -f {INBOX}/* {INBOX}/.??* && {as_agent} ln -s /etc/shadow {INBOX}/editor.key")
        root.answer(key_file=f"{INBOX}/editor.key")
        told = root.configure()
        equal("/etc/shadow", root.run(f"readlink {INBOX}/editor.key").strip(), "the link")
        equal(before, root.run(look), "what an answered key file leads to")
        check("lies in the agent's own directory" in told, told)

        root.run(f"rm {INBOX}/* && {as_agent} ln -s /opt/v {INBOX}/v && {as_agent} ln -s /opt/v /var/lib/latchkey-anchor/v"
                 " && dpkg -P latchkey-agent")
        equal(before, root.run(look), "what links lead to, after a purge")


@story
def a_state_that_is_roots_still_takes_the_key(packages):
    """Files were dropped there before the agent ever ran; systemd hands all of it over at the first start."""
    with AnsweredRoot(packages) as root:
        root.run(f"install -d -m 0700 {INBOX}")
        root.answer(product="editor", key_file=root.key_file(f"{INBOX}/editor.key", "EDITOR"))
        told = root.configure()
        check("the key" not in told, told)
        root.answer(product="cad", key_file=root.key_file("/root/cad.key", "CAD"))
        root.run(f"ln -s /root/cad.key {INBOX}/.cad.key.new && install /dev/null /opt/cad.key && ln -s /opt/cad.key {INBOX}/cad.key")
        root.configure()
        equal("EDITOR CAD", " ".join(root.run(f"cat {INBOX}/editor.key {INBOX}/cad.key").split()), "the keys")
        equal("regular file 600", root.run(f"stat -c '%F %a' {INBOX}/cad.key").strip(), "how it lies there")
        equal("CAD", root.run("cat /root/cad.key /opt/cad.key").strip(), "what links lead to")
        root.run(f"rm -r {INBOX} && ln -s /opt {INBOX}")
        root.answer(key_file="/root/cad.key")
        check(f"{INBOX} is a link" in root.configure(), "a link is not told")
        equal("", root.run("cat /opt/cad.key"), "what the link leads to")


@story
def a_key_file_whose_path_resembles_the_agents_is_taken(packages):
    with AnsweredRoot(packages) as root:
        root.run("mkdir -p /mnt/site/var/lib/latchkey")
        root.answer(product="editor", key_file=root.key_file("/mnt/site/var/lib/latchkey/editor.key", "EDITOR"))
        root.configure()
        equal("EDITOR", root.run(f"cat {INBOX}/editor.key 2>&1 || true").strip(), "the key")


@story
def a_full_disk_does_not_stop_the_installation(packages):
    with AnsweredRoot(packages) as root:
        root.answer(product="editor", key_file=root.key_file("/root/editor.key", "EDITOR"))
        root.configure()
        root.run(f"rm {INBOX}/*")
        root.answer(key_file="/root/editor.key")
        full = f"mount -t tmpfs -o size=4k,mode=0700,uid=$(id -u latchkey) full {INBOX} && ! head -c 8192 /dev/zero > {INBOX}/filler"
        told = root.configure(f"{full} 2>/dev/null")
        check("the key did not get to" in told and "No space left" in told, told)
        equal("installed", root.status(), "the package")
        root.configure()
        equal("EDITOR", root.run(f"cat {INBOX}/editor.key").strip(), "the key, there being room again")


@story
def a_purge_leaves_no_name_however_it_is_written(packages):
    with AnsweredRoot(packages) as root:
        root.configure()
        # Another package's file that a name below is a pattern of, and one whose name a name below begins with.
        root.run("mkdir -p /tmp/product/DEBIAN /tmp/product/etc/latchkey/products.d && cd /tmp/product && : > etc/latchkey/products.d/other.jws"
                 " && printf 'Package: some-product\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.invalid>\\nDescription: x\\n'"
                 " > DEBIAN/control && dpkg-deb -b . /tmp/product.deb && dpkg -i /tmp/product.deb")
        for name in ("two\nlines", "blank at its end ", " blank", "other.jws\n", "oth*.jws", "oth?r.jws", "[o]ther.jws", "back\\slash", "-rf"):
            root.run(f"cd /etc/latchkey/products.d && : > ./{shlex.quote(name)}")
        root.run("dpkg -P latchkey-agent")
        equal("/etc/latchkey/products.d/other.jws", root.run("find /etc/latchkey ! -type d").strip(), "what a purge leaves")
