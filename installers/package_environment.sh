# What makes a package the same bytes each time, for the package.sh of each system: same source and same SOURCE_DATE_EPOCH (by default the
# last commit's time). Sourced, with `source_tree` and with `other_version`, which is empty or a version that the package shall say it is,
# for tests of upgrades. `configure` has CMake's arguments for it.

umask 022
export LC_ALL=C TZ=UTC
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$source_tree" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

configure=(-S "$source_tree" -UCMAKE_PROJECT_latchkey_INCLUDE)
[ -z "$other_version" ] ||
    configure=(-S "$source_tree" -DCMAKE_PROJECT_latchkey_INCLUDE="$source_tree/installers/test/other_version.cmake"
        -DLATCHKEY_OTHER_VERSION="$other_version")
