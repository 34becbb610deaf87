# --- the source around the frames, as the process sees its files
root=; if ls $P/root/ >/dev/null 2>&1; then # of a container, or of a chroot
  [ "$(readlink $P/ns/mnt)" = "$(readlink /proc/self/ns/mnt)" ] && [ "$(stat -L -c %d:%i $P/root/. 2>/dev/null)" = "$(stat -L -c %d:%i /. 2>/dev/null)" ] || root=$P/root
fi
if [ -n "$dumps" ]; then
  wanted=$(printf '%s\n' "$dumps" | awk -v cwd="$cwd" '/^F/ { n = index($0, "\" \""); if (!n) next; file = substr($0, n + 3); sub(/"$/, "", file)
    if (file !~ /^[\/<]/ && cwd != "") { sub(/^\.\//, "", file); file = cwd "/" file }
    if (file ~ /\/lib\/python[0-9.]*\// && file !~ /\/(site|dist)-packages\//) next
    if (file ~ /["\\]/) next; key = $2 " " file; if (!(key in seen)) { seen[key] = 1; print key } }' | head -n 300)
  s source
  printf '%s\n' "$wanted" | awk -v root="$root" '
    { line = $1; file = $0; sub(/^[0-9]+ /, "", file); if (!(file in known)) { known[file] = 1; files[++count] = file }
      for (i = line - 40; i <= line + 12; i++) if (i > 0) keep[file, i] = 1 }
    END { for (f = 1; f <= count && f <= 24; f++) { file = files[f]; number = 0; print "@ " file
        while ((getline text < (root file)) > 0 && total < 3000) { number++; if ((file, number) in keep) { total++; print number " " substr(text, 1, 240) } }
        close(root file) } }'
  s mtimes; printf '%s\n' "$wanted" | sed 's/^[0-9]* //' | sort -u | head -n 24 | while read -r f; do stat -c '%Y %n' "$root$f" 2>/dev/null; done
fi
