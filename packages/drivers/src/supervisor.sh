# Stands by one task: starts it, keeps its output and its exit code. It outlives whoever starts it.
#
#   supervisor.sh STATE CHUNK_BYTES keep|drop COUNT CGROUP... LAUNCHER...
#
# STATE holds `orders` (see enter.sh) and gets
#   events     one line each: supervisor PID TICKS BOOT, reader STREAM PID TICKS, init PID TICKS,
#              ready PID TICKS, failed WORDS, exit CODE exited|signalled
#   spool/     the output in chunks, until the agent moves it into the log files
# A task writes to FIFOs and not to files, so that opening /dev/stdout truncates nothing and a slow
# disk holds the task up. The FIFOs are kept open here: a reader that dies can be replaced without the
# task noticing.
state=$1 chunk=$2 output=$3 count=$4
shift 4
umask 077
exec 7>>"$state/lock"
flock -n 7 || exit 75
[ -s "$state/events" ] && exit 75
exec 6>>"$state/events" 2>>"$state/messages"

ticks() {
  read -r stat <"/proc/$1/stat"
  set -- ${stat##*) }
  shift 19
  ticks=$1
}

reader() {
  split -b "$chunk" -d -a 9 - "$state/spool/$1." <"$state/$1" 3>&- 6>&- 7>&- 8>&- 9>&- &
  reader=$!
  ticks "$reader"
  printf 'reader %s %s %s\n' "$1" "$reader" "$ticks" >&6
}

read -r boot </proc/sys/kernel/random/boot_id
ticks self
printf 'supervisor %s %s %s\n' "$$" "$ticks" "$boot" >&6

# Anyone who is given the open FIFO may open it again by /dev/stdout; STATE lets nobody else near it.
if [ "$output" = keep ]; then
  mkfifo -m 622 "$state/stdout" "$state/stderr" || exit 1
  exec 8<>"$state/stdout" 9<>"$state/stderr"
  reader stdout
  reader stderr
else
  exec 8>/dev/null 9>/dev/null
fi

# In the foreground: in the background a shell would have the task ignore SIGINT.
(
  while [ "$count" -gt 0 ]; do
    echo 0 >"$1/cgroup.procs" || { printf 'failed to join the cgroup %s\n' "$1" >&6; exit 126; }
    shift
    count=$((count - 1))
  done
  exec "$@"
) </dev/null >&8 2>&9 3>>"$state/messages" 5<"$state/orders" 7>&- 8>&- 9>&-
code=$?

# The shell names the signal in `messages`, but is silent on SIGINT and SIGPIPE.
how=exited
if [ "$code" -gt 128 ] && { [ -s "$state/messages" ] || [ "$code" = 130 ] || [ "$code" = 141 ]; }; then how=signalled; fi
printf 'exit %s %s\n' "$code" "$how" >&6
exec 8>&- 9>&-
sync "$state/events"
wait
