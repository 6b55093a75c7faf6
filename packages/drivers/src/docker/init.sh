# The first process of a container's own namespaces: as ../init.sh, but what it enters is an image, of
# which nothing is executed or loaded before the rights are given up. Hence the order: the main process
# goes into the root by itself, with the programs of the machine and its few rights, and waits; then
# the machine's root is taken away from all of us; then it may go on.
#
#   init.sh STATE HOSTNAME host|own UMOUNT-COMMAND LAUNCHER...
#
# STATE holds overlay (options), fstab, lower/N, upper, work, root. Descriptors: 1 and 2 are the task's
# output, 3 our messages, 5 the orders, 6 the events.
state=$1 name=$2 network=$3 umount=$4
shift 4
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
if [ "$network" = own ]; then
  ip link set lo up || fail "to make a network of its own"
  echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
fi
cd "$state" || fail "to enter its directory"
read -r overlay <overlay
# The paths in it are relative, so that many layers fit; the older call takes them as they are.
LIBMOUNT_FORCE_MOUNT2=always mount -t overlay -o "$overlay" overlay root || fail "to mount the image"
mount --all --fstab fstab || fail "to mount the root file system"
mkfifo -m 600 here go && exec 8<>here 7<>go || fail "to make its gate"
cd "$state/root" || fail "to enter the root file system"
(
  read -r there <&8
  if pivot_root . .fractus/old && cd / && $umount -l -n -i /.fractus/old; then
    echo go >&7
  else
    printf 'failed to enter the root file system\n' >&6
    kill -9 -1
  fi
) 4>&- 5<&- &
# In a subshell: else the shell would report a signal to the task's own descriptor 2.
(exec "$@" 2>&4 4>&-)
code=$?

# As in ../supervisor.sh; by now descriptor 2 is the only way to the messages.
how=exited
if [ "$code" -gt 128 ] && { [ -s /proc/self/fd/2 ] || [ "$code" = 130 ] || [ "$code" = 141 ]; }; then how=signalled; fi
printf 'exit %s %s\n' "$code" "$how" >&6
exit "$code"
