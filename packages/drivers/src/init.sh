# The first process of a task's own namespaces: makes the root file system, runs the task in it and
# collects orphans. When it ends the kernel ends whatever else is left in there.
#
#   init.sh ROOT FSTAB HOSTNAME LAUNCHER...
#
# Descriptors: 1 and 2 are the task's output, 3 our messages, 5 the orders, 6 the events.
root=$1 fstab=$2 name=$3
shift 3
exec 4>&2 2>&3 3>&-
fail() {
  printf 'failed %s\n' "$1" >&6
  exit 126
}
# The host's /proc still knows us by the number the host uses.
begin() {
  host_pid=$1
  shift 21
  printf 'init %s %s\n' "$host_pid" "$1" >&6
}
read -r stat </proc/self/stat
begin "${stat%% *}" x ${stat##*) }
printf '%s\n' "$name" >/proc/sys/kernel/hostname || fail "to set the host name"
mount --all --fstab "$fstab" || fail "to mount the root file system"
cd "$root" && pivot_root . mnt && cd / && umount -l /mnt || fail "to enter the root file system"
# In a subshell: else the shell would report a signal to the task's own descriptor 2.
(exec "$@" 2>&4 4>&-)
code=$?

# As in supervisor.sh; by now descriptor 2 is the only way to the messages.
how=exited
if [ "$code" -gt 128 ] && { [ -s /proc/self/fd/2 ] || [ "$code" = 130 ] || [ "$code" = 141 ]; }; then how=signalled; fi
printf 'exit %s %s\n' "$code" "$how" >&6
exit "$code"
