#!/bin/busybox sh
# First process of the guest that "quern linux" boots. Kernel parameter quern.exec="COMMAND": run
# that instead of a shell and power off, so that tests and benchmarks need no terminal.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TERM="${TERM:-vt100}" PS1='\w # '

# What poweroff, halt and reboot of busybox ask of process 1.
trap 'poweroff -f' USR2
trap 'halt -f' USR1
trap 'reboot -f' TERM

# Once /proc is there, busybox finds its own commands without links.
/bin/busybox mount -t proc proc /proc
mount -t sysfs sysfs /sys
[ -c /dev/null ] || mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts

read -r uptime idle < /proc/uptime
echo "Quern: /init after $uptime s of guest time, Linux $(uname -r), $(nproc) CPU"

command="$(sed -n -e 's/.*quern\.exec="\([^"]*\)".*/\1/p' -e t -e 's/.*quern\.exec=\([^ ]*\).*/\1/p' /proc/cmdline)"
if [ -n "$command" ]; then
  [ "$command" = poweroff ] || sh -c "$command"
  poweroff -f
fi

echo "Type poweroff to leave."
/bin/busybox --install -s
hostname quern
cd /root
# A session of its own with the console as controlling terminal: that gives job control. A plain &
# would leave Ctrl-C ignored in everything the shell starts, so start-stop-daemon begins it. The
# pipe tells of its end, in the background, so that the traps above run while the shell does.
console=/dev/ttyS0
[ -c "$console" ] || console=/dev/console
mkfifo /run/ended
start-stop-daemon -S -b -p /run/shell.pid -a /bin/busybox -- \
  setsid sh -c "exec <$console >$console 2>&1; sh -i; : > /run/ended"
cat /run/ended &
wait $!
poweroff -f
