# --- who it is
s process; echo "$pid"; printf '%s\n' "$(tr '\000\n' '  ' <$P/cmdline 2>/dev/null | cut -c 1-2000)"
readlink $P/exe 2>/dev/null || echo '?'
cwd=$(readlink $P/cwd 2>/dev/null); printf '%s\n' "$cwd"
s stat; cat $P/stat
s maps; grep -o -m 40 -e 'libpython[0-9.]*' -e 'libjvm\.so' -e '/[^ ]*/python[0-9.]*$' $P/maps 2>/dev/null | sort -u | head -n 6
s container; readlink $P/ns/mnt /proc/self/ns/mnt $P/ns/pid /proc/self/ns/pid 2>/dev/null; grep -i '^NSpid' $P/status
