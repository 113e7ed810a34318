#!/bin/bash
# guest.sh: reads commands from the second serial port, each a line of base64, runs them, and answers "EXIT OUTPUT", base64 again.
exec 3<>/dev/ttyS1
stty -F /dev/ttyS1 raw -echo
echo ready >&3
while read -r line <&3; do
    output=$(env HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "$(base64 -d <<< "$line")" 2>&1 < /dev/null)
    echo "$? $(base64 -w 0 <<< "$output")" >&3
done
