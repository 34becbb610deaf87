# --- the source around the frames, as the process sees its files
if [ -n "$dumps" ]; then
  wanted=$(printf '%s\n' "$dumps" | awk -v cwd="$cwd" '/^F/ { n = index($0, "\" \""); if (!n) next; file = substr($0, n + 3); sub(/"$/, "", file)
    if (file !~ /^[\/<]/ && cwd != "") { sub(/^\.\//, "", file); file = cwd "/" file }
    if (file ~ /\/lib\/python[0-9.]*\// && file !~ /\/(site|dist)-packages\//) next
    if (file ~ /["\\]/) next; key = $2 " " file; if (!(key in seen)) { seen[key] = 1; print key } }' | head -n 300)
  s source
  printf '%s\n' "$wanted" | awk -v root="$root" '
    function indent(text) { return match(text, /[^ \t]/) ? RSTART : 0 }
    function around(w,   i, top, from, to) { # the function it is in, whole: a loop of which the end is not known may have any
      from = w - 40; to = w + 12
      for (i = w - 1; i > 0 && i > w - 400; i--) if (line[i] ~ /^[ \t]*(async +)?def / && indent(line[i]) < indent(line[w])) { top = i; break }
      if (top) { if (top < from) from = top
        for (i = w + 1; i <= count && i < w + 400; i++) if (indent(line[i]) && indent(line[i]) <= indent(line[top])) break
        if (i > to) to = i }
      for (i = from; i <= to; i++) keep[i] = 1 }
    { w = $1; file = $0; sub(/^[0-9]+ /, "", file); if (!(file in known)) { known[file] = 1; files[++many] = file }; wanted[file] = wanted[file] " " w }
    END { for (f = 1; f <= many && f <= 24; f++) { file = files[f]; count = 0; print "@ " file
        while ((getline text < (root file)) > 0 && count < 60000) line[++count] = substr(text, 1, 240)
        close(root file); split("", keep); n = split(wanted[file], numbers, " ")
        for (i = 1; i <= n; i++) if (numbers[i] + 0 <= count) around(numbers[i] + 0)
        for (i = 1; i <= count && total < 3000; i++) if (i in keep) { total++; print i " " line[i] } } }'
  s mtimes; printf '%s\n' "$wanted" | sed 's/^[0-9]* //' | sort -u | head -n 24 | while read -r f; do stat -c '%Y %n' "$root$f" 2>/dev/null; done
fi
