"""The rpms with their scriptlets under a running systemd: by rpm itself, and by dnf from a repository."""

import subprocess

import machine
from machine import Machine, check, equal
from story import story, version
from deb_stories import drop_key

DATABASE = "--dbpath /var/lib/rpm-test"  # Debian's own is none


def file_of(directory, name: str) -> str:
    return f"{name}-{version(directory)}-1.x86_64.rpm"


def serve_keys_from_rpm(m: Machine, packages) -> str:
    m.run(f"rpm {DATABASE} --initdb; rpm {DATABASE} -i --nodeps /shared/{file_of(packages, 'latchkey-keyserver')}")
    equal("disabled", m.unit("latchkey-keyserver", "UnitFileState"), "the key server after installing")
    install_deb, m.install_deb = m.install_deb, lambda *_: ""
    key = m.serve_keys(version(packages))
    m.install_deb = install_deb
    return key


@story
def rpm_installs_upgrades_and_erases_and_keeps_the_license(packages):
    older = packages / "older"
    with Machine(packages) as m:
        drop_key(m, serve_keys_from_rpm(m, packages))
        m.run(f"rpm {DATABASE} -i --nodeps /shared/older/{file_of(older, 'latchkey-agent')}")
        equal("active", m.unit("latchkeyd", "ActiveState"), "the service")
        equal("enabled", m.unit("latchkeyd", "UnitFileState"), "the service")
        before = m.until_licensed()["license"]["issued_at"]
        m.run(f"rpm {DATABASE} -U --nodeps /shared/{file_of(packages, 'latchkey-agent')}")
        machine.eventually(lambda: m.status().get("agent", {}).get("version") == version(packages), "the newer version answers")
        equal(before, m.product()["license"]["issued_at"], "the license after the upgrade")
        m.run(f"rpm {DATABASE} -V --nodeps latchkey-agent")
        m.run(f"rpm {DATABASE} -U --oldpackage --nodeps /shared/older/{file_of(older, 'latchkey-agent')}")
        machine.eventually(lambda: m.status().get("agent", {}).get("version") == version(older), "the older version answers")
        equal("licensed", m.product()["state"], "the product after the downgrade")
        m.run(f"rpm {DATABASE} -e latchkey-agent")
        equal("inactive", m.unit("latchkeyd", "ActiveState"), "the service after erasing")
        check(m.exists("/var/lib/latchkey/state.db"), "erasing took the state along")
        m.run(f"rpm {DATABASE} -i --nodeps /shared/{file_of(packages, 'latchkey-agent')}")
        equal(before, m.until_licensed()["license"]["issued_at"], "the license after erasing and installing again")
        equal(1, len(m.receipts()), "receipts at the key server")


def stub_of_a_distribution(m: Machine, needs: set) -> None:
    """A package that says to have what the agent needs of a distribution: the test has none, and it is not what is tested."""
    provides = "".join(f"Provides: {need}\n" for need in sorted(needs))
    m.write("/root/stub.spec", f"Name: stub-distribution\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n{provides}"
            "%description\nx\n%files\n")
    m.run("rpmbuild -bb --quiet --define '_topdir /root/rpm' /root/stub.spec && mkdir -p /srv/repo"
          " && cp /root/rpm/RPMS/noarch/*.rpm /srv/repo/")


@story
def dnf_installs_upgrades_and_removes_from_a_repository(packages):
    older = packages / "older"
    needs = {"sqlite-libs = 3.40"}
    for directory in (older, packages):
        rpm = directory / file_of(directory, "latchkey-agent")
        needs |= {line.split(" ")[0] for line in subprocess.run(["rpm", "-qpR", str(rpm)], check=True, capture_output=True,
                                                               text=True).stdout.splitlines() if not line.startswith(("rpmlib(", "("))}
    dnf = "dnf -y --quiet --disablerepo='*' --repofrompath=stub,/srv/repo --enablerepo=stub --nogpgcheck --releasever=1"
    with Machine(packages) as m:
        stub_of_a_distribution(m, needs)
        m.run(f"cp /shared/older/{file_of(older, 'latchkey-agent')} /srv/repo/ && createrepo_c --quiet /srv/repo")
        m.run(f"{dnf} install latchkey-agent")
        equal(version(older), m.status()["agent"]["version"], "what dnf installed")
        m.run(f"cp /shared/{file_of(packages, 'latchkey-agent')} /srv/repo/ && createrepo_c --quiet /srv/repo")
        m.run(f"{dnf} --refresh upgrade latchkey-agent")
        machine.eventually(lambda: m.status().get("agent", {}).get("version") == version(packages), "the newer version answers")
        m.run(f"{dnf} remove latchkey-agent")
        check(not m.exists("/usr/bin/latchkeyd"), "the program stayed")
        check(m.exists("/var/lib/latchkey/state.db"), "removing took the state along")
