# A Mac's places instead of Linux'.
s#/etc/systemd/system_#/Library/LaunchDaemons_#g
s#/etc/latchkey#/Library/Application Support/Latchkey#g
s#/var/lib/latchkey#/var/db/latchkey#g
s#_/run/latchkey#_/var/run/latchkey#g
# launchd instead of systemd, root instead of a user of its own.
s#^Packages run it as \*latchkeyd.service\*, as the user \*latchkey\*. It says READY when#The package lets launchd run it as *org.latchkey.agent*, as root. It is ready when#
s#does not mend, so that systemd does not\.#does not mend; launchd tries again every ten seconds all the same.#
/Run by root on the service's own$/ s# Run by root on the service's own$##
/^	configuration, it reads with the rights of the user \*latchkey\*\.$/d
# The package's own uninstaller instead of a package manager.
s#^Where the agent was installed from a package, the package does all this: .*#Where the agent was installed from a package, the package does all this; _/usr/local/libexec/latchkey/uninstall.sh_ removes what it brought.#
/^that \*install\* wrote into/d
s#by default _/usr/local/bin_;#by default _/usr/local/libexec/latchkey_, with links in _/usr/local/bin_;#
