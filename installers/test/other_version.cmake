# Packages of another version, to upgrade from and to: see package.sh.
set(PROJECT_VERSION ${LATCHKEY_OTHER_VERSION})
