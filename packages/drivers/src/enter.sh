# The last step before the command, with its user, root and namespaces in place. It gets no
# arguments: directory, environment and command come as data from descriptor 5, of which nothing is
# ever evaluated, and which shows in no process list. A line says what follows and how many lines its text has:
#   D LINES          the working directory
#   V LINES NAME     a variable
#   A LINES          an argument; the first is the command, with its full path
#   T ROWS COLUMNS   there is a terminal of this size
unset FRACTUS_ENTER PATH PWD OLDPWD
__fractus_fail() {
  printf 'failed %s\n' "$1" >&6
  exit 126
}
while read -r __fractus_kind __fractus_lines __fractus_name <&5; do
  if [ "$__fractus_kind" = T ]; then
    /usr/bin/stty rows "$__fractus_lines" cols "$__fractus_name"
    printf 'terminal %s\n' "$(/usr/bin/tty)" >&6
    continue
  fi
  IFS= read -r __fractus_text <&5
  while [ "$__fractus_lines" -gt 1 ]; do
    IFS= read -r __fractus_line <&5
    __fractus_text="$__fractus_text
$__fractus_line"
    __fractus_lines=$((__fractus_lines - 1))
  done
  case $__fractus_kind in
  D) cd -- "$__fractus_text" 2>/dev/null || __fractus_fail "to enter the working directory $__fractus_text" ;;
  V) export "$__fractus_name=$__fractus_text" ;;
  A) set -- "$@" "$__fractus_text" ;;
  esac
done
unset PWD OLDPWD
read -r __fractus_stat </proc/self/stat
__fractus_ready() {
  shift 19
  printf 'ready %s %s\n' "$$" "$1" >&6
}
__fractus_ready ${__fractus_stat##*) }
exec "$@" 3>&- 4>&- 5<&- 6>&-
