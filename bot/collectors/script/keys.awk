# Reads one file of settings and prints KEY, what of its value may be shown (`=TEXT`, or `#` for nothing), and the value, parted by tabs.
# -v kind: yaml json toml ini env blocks python pins guess other. Lines that are no setting are one value, `(other lines)`.
function plain(v) { gsub(/[\t\r]/, " ", v); sub(/^ +/, "", v); sub(/ +$/, "", v); return v }
function ended(v) { v = plain(v); sub(/[,;]+$/, "", v); return plain(v) }
function bare(v,   q, at) { # without its quotes and what stands behind it
  v = ended(v); q = substr(v, 1, 1)
  if (q == "\"" || q == "\047") { at = index(substr(v, 2), q); return at && substr(v, at + 2) ~ /^ *([#;].*)?$/ ? substr(v, 2, at - 1) : v }
  sub(/ +[#;].*$/, "", v); return plain(v)
}
function unquoted(k,   q) { k = plain(k); q = substr(k, 1, 1)
  if ((q == "\"" || q == "\047") && length(k) > 1 && substr(k, length(k)) == q) k = substr(k, 2, length(k) - 2)
  return k }
function blob(k) { # a piece of a key or a hash is no name
  return (length(k) >= 20 && k ~ /[0-9]/ && k ~ /[A-Z]/ && k ~ /[a-z]/ && k !~ /[_. \/-]/) || (length(k) >= 16 && k ~ /^[0-9a-fA-F]+$/) }
function name(k) { return k ~ /^[A-Za-z_.\/$~*^@][A-Za-z0-9_.\/:*$@ ~^-]*$/ && length(k) <= 80 && !blob(k) }
function shown(key, raw,   k, last, v, digits) {
  k = tolower(key); last = k; sub(/^.*\./, "", last)
  if (k ~ /password|passwd|passphrase|(^|[^a-z])pass([^a-z]|$)|pwd|secret|token|credential|bearer|private|(^|[^a-z])(dsn|pin|otp|salt)([^a-z]|$)/) return "#"
  v = bare(raw); if (length(v) > 24) return "#"
  if (tolower(v) in harmless) return "=" v
  if (kind == "pins" && v ~ /^[0-9][0-9A-Za-z.+!*-]*$/) return "=" v
  if (v !~ /^[+-]?[0-9]+(\.[0-9]+)? ?(ns|us|ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?|w|[kKmMgGtT]i?[bB]?|%)?$/) return "#"
  digits = v; gsub(/[^0-9]/, "", digits); if (length(digits) > 9) return "#"
  if (k ~ /key|auth|cookie|session|card|ssn|code|phone|account|user|cvv|iban/ && last !~ quantity) return "#"
  return "=" v
}
function emit(key, raw, hidden) {
  if (key == "") key = "(value)"
  gsub(/[\t\r]/, " ", key); gsub(/[\t\r\n]/, " ", raw)
  if (times[key]++) key = key "[" times[key] "]"
  print key "\t" (hidden ? "#" : shown(key, raw)) "\t" raw
}
function fold(of, line) { if (!(of in rest)) order[++folds] = of; rest[of] = rest[of] " " plain(line) }
function joined(a, b) { return a == "" ? b : (substr(b, 1, 1) == "[" ? a b : a "." b) }
function path(   i, p) { p = ""; for (i = 1; i <= depth; i++) p = joined(p, stack[i]); return p }
function push(indent, word, item) { depth++; stack[depth] = word; at[depth] = indent; items[depth] = item }
function unclosed(v,   q, body) { # does a quoted value go on in the next line?
  q = substr(v, 1, 1); if (q != "\"" && q != "\047") return ""
  body = substr(v, 2); gsub(/\\./, "", body); return index(body, q) ? "" : q }
function triple(v) { return (v ~ /^[a-zA-Z]*"""/ && v !~ /""".*"""/) ? "\"\"\"" : (v ~ /^[a-zA-Z]*\047\047\047/ && v !~ /\047\047\047.*\047\047\047/) ? "\047\047\047" : "" }
function until(key, mark) { ends = mark; into = key } # lines up to this mark are part of that value
function scalar(key, v,   q) {
  if ((q = triple(v)) != "" || (q = unclosed(v)) != "") { fold(key, v); until(key, q) } else emit(key, ended(v)) }

function json(text,   i, c, n, word, key, wants, deep, kinds, counts, words, value) {
  n = length(text); deep = 0; wants = 0; key = ""
  for (i = 1; i <= n; i++) {
    c = substr(text, i, 1)
    if (c ~ /[ \n\r\t,]/) continue
    if (c == "{" || c == "[") {
      if (deep) words[deep] = kinds[deep] == "[" ? "[" (++counts[deep]) "]" : key
      deep++; kinds[deep] = c; counts[deep] = 0; key = ""; continue }
    if (c == "}" || c == "]") { if (deep) deep--; key = ""; continue }
    if (c == ":") continue
    if (c == "\"") { value = "\""; for (i++; i <= n; i++) { c = substr(text, i, 1); value = value c
        if (c == "\\") { i++; value = value substr(text, i, 1) } else if (c == "\"") break } }
    else { value = ""; while (i <= n && (c = substr(text, i, 1)) !~ /[]} \n\r\t,:]/) { value = value c; i++ } i-- }
    if (kinds[deep] == "{" && key == "") { word = unquoted(value); key = name(word) ? word : "(unnamed)"; continue }
    depth = 0; for (word = 1; word < deep; word++) push(0, words[word], 0)
    emit(joined(path(), kinds[deep] == "[" ? "[" (++counts[deep]) "]" : key), value); key = ""
  }
}
function yaml(line,   indent, body, colon, k, v, p) {
  match(line, /^ */); indent = RLENGTH; body = substr(line, indent + 1)
  if (block >= 0) { if (body == "" || indent > block) { fold(into_block, body); return } block = -1 }
  if (body == "" || body ~ /^#/ || body ~ /^(---|\.\.\.|%)/) return
  while (body ~ /^-( |$)/) {
    while (depth && (at[depth] > indent || (at[depth] == indent && items[depth]))) depth--
    p = path(); push(indent, "[" (++counted[p]) "]", 1)
    sub(/^-/, "", body); match(body, /^ */); indent += 1 + RLENGTH; body = substr(body, RLENGTH + 1)
    if (body == "") return
    if (body !~ /^[^ "\047{[][^:]*:( |$)/ && body !~ /^["\047][^"\047]*["\047]:( |$)/ && body !~ /^-( |$)/) { scalar(path(), body); return }
  }
  if (body ~ /^["\047]/) colon = match(body, /["\047]:( |$)/) ? RSTART + 1 : 0
  else colon = match(body, /:( |$)/) ? RSTART : 0
  while (depth && (at[depth] > indent || (at[depth] == indent && !items[depth]) || (items[depth] && at[depth] >= indent))) depth--
  k = colon ? unquoted(substr(body, 1, colon - 1)) : ""
  if (!colon || !name(k)) { fold(path(), body); return }
  v = plain(substr(body, colon + 1)); sub(/^[&!][^ ]* */, "", v)
  p = joined(path(), k)
  if (v == "" || v ~ /^#/) push(indent, k, 0)
  else if (v ~ /^[|>][-+0-9]*( *#.*)?$/) { block = indent; into_block = p }
  else if ((v ~ /^\[/ && v !~ /\]/) || (v ~ /^\{/ && v !~ /\}/)) { fold(p, v); until(p, v ~ /^\[/ ? "]" : "}") }
  else scalar(p, v)
}
function ini(line,   body, k, v, cut, p) {
  body = plain(line); if (body == "" || body ~ /^[#;]/) return
  if (body ~ /^\[.*\]( *[#;].*)?$/ && line !~ /^[ \t]/) {
    sub(/^\[+/, "", body); sub(/\].*$/, "", body); depth = 0; k = unquoted(body); gsub(/"/, "", k)
    push(0, name(k) ? k : "(unnamed)", 0); last_key = ""; return }
  cut = kind == "toml" ? index(body, "=") : match(body, /[=:]/)
  k = cut ? unquoted(substr(body, 1, cut - 1)) : ""
  if (!cut || !name(k)) { fold(line ~ /^[ \t]/ && last_key != "" ? last_key : path(), body); return }
  v = plain(substr(body, cut + 1))
  if (k == "Environment" && bare("\"" unquoted(v) "\"") ~ /^[A-Za-z_][A-Za-z0-9_]*=/) { v = unquoted(v); k = "Environment." substr(v, 1, index(v, "=") - 1); v = substr(v, index(v, "=") + 1) }
  p = joined(path(), k); last_key = p
  if ((v ~ /^\[/ && v !~ /\]/) || (v ~ /^\{/ && v !~ /\}/)) { fold(p, v); until(p, v ~ /^\[/ ? "]" : "}") } else scalar(p, v)
}
function env(line,   body, k, cut) {
  body = plain(line); if (body == "" || body ~ /^[#!]/) return
  sub(/^export +/, "", body); cut = match(body, /[=:]/); k = cut ? plain(substr(body, 1, cut - 1)) : ""
  if (cut && name(k)) scalar(k, plain(substr(body, cut + 1))); else fold("", body)
}
function several(line,   n, i, parts) { # nginx may have a whole block in a line
  if (line ~ /["\047]/ || line ~ /^[ \t]*[#<]/) { directive(line); return }
  sub(/[ \t]#.*$/, "", line); gsub(/[;{}]/, "&\n", line); n = split(line, parts, "\n")
  for (i = 1; i <= n; i++) directive(parts[i])
}
function directive(line,   body, k, v, cut, words) {
  body = plain(line); if (body ~ /^#/ || body == "") return
  sub(/ +#.*$/, "", body)
  if (body ~ /^<\//) { if (depth) depth--; return }
  while (substr(body, 1, 1) == "}") { if (depth) depth--; body = plain(substr(body, 2)); sub(/^;/, "", body); body = plain(body) }
  if (body == "") return
  if (body ~ /^<.*>$/ || body ~ /\{$/) {
    sub(/^</, "", body); sub(/ *[>{]$/, "", body); split(body, words, / +/)
    k = words[2] != "" && name(words[1] " " words[2]) ? words[1] " " words[2] : (name(words[1]) ? words[1] : "(unnamed)")
    push(0, k, 0); return }
  cut = match(body, /[ =]/); k = cut ? substr(body, 1, cut - 1) : body; sub(/;$/, "", k); v = cut ? plain(substr(body, cut)) : ""; sub(/^= */, "", v)
  if (name(k)) scalar(joined(path(), k), v); else fold(path(), body)
}
function python(line,   k, v, cut) {
  if (match(line, /^[A-Za-z_][A-Za-z0-9_]*( *: *[A-Za-z_][][A-Za-z0-9_., |]*)? *=[^=]/)) {
    cut = index(line, "="); k = substr(line, 1, cut - 1); sub(/ *:.*$/, "", k); k = plain(k); v = plain(substr(line, cut + 1))
    if (name(k)) { if (v ~ /^[[{(]/ && v !~ /[]})]/) { fold(k, v); going = k } else { going = ""; scalar(k, v) } return } }
  if (going != "" && (line ~ /^[])} 	]/ || line == "")) { fold(going, line); return }
  going = ""
  if (line != "" && line !~ /^ *#/) fold("", line)
}
function pins(line,   body, cut) {
  body = plain(line); if (body == "" || body ~ /^#/) return
  cut = match(body, /[=<>~!]=/); if (cut && name(substr(body, 1, cut - 1))) emit(substr(body, 1, cut - 1), substr(body, cut + 2)); else fold("", body)
}
function guess(   i, sections, ends_, equals, colons, words_) {
  for (i = 1; i <= lines; i++) {
    if (L[i] ~ /^ *[#;]/) continue
    if (L[i] ~ /^\[[^]]+\] *$/) sections++
    if (L[i] ~ /[{;] *$/ || L[i] ~ /^ *<\/?[A-Z].*> *$/) ends_++
    if (L[i] ~ /^ *[A-Za-z_][A-Za-z0-9_.-]* *=/) equals++
    if (L[i] ~ /^ *[A-Za-z_][A-Za-z0-9_.-]*:( |$)/) colons++
  }
  if (sections) return "ini"
  if (ends_ > equals && ends_ > colons) return "blocks"
  if (colons > equals) return "yaml"
  return equals ? "env" : "blocks"
}
BEGIN {
  n = split("true false yes no on off none null nil enabled disabled enable disable always never auto default debug info notice warning warn error critical fatal trace production staging development dev test testing prod local simple forking oneshot notify exec idle on-failure on-abnormal on-success lax strict sync gthread gevent eventlet memory file disk redis tcp udp http https", w, " ")
  for (i = 1; i <= n; i++) harmless[w[i]] = 1
  harmless[""] = 1
  quantity = "(^|[^a-z])(time|timeout|ttl|max|min|limit|size|count|workers|threads|processes|retries|retry|interval|port|depth|pool|expires?|expiry|seconds|minutes|hours|days|delay|period|attempts|enabled|window|rate|backlog|connections)([^a-z]|$)"
  block = -1
}
{ sub(/\r$/, ""); if (length($0) > 4000) $0 = substr($0, 1, 4000); if (lines < 4000) L[++lines] = $0 }
END {
  if (kind == "guess") kind = guess()
  if (kind == "json") { all = ""; for (i = 1; i <= lines; i++) all = all L[i] "\n"; json(all) }
  else for (i = 1; i <= lines; i++) {
    line = L[i]
    if (pem) { fold(pem_path, line); if (line ~ /-----END /) pem = 0; continue }
    if (line ~ /-----BEGIN [A-Z0-9 ]+-----/ && line !~ /-----END /) { pem = 1; pem_path = kind == "yaml" && block >= 0 ? into_block : path(); fold(pem_path, line); continue }
    if (ends != "") { fold(into, line); if (index(line, ends)) ends = ""; continue }
    if (kind ~ /^(ini|env|blocks)$/) while (line ~ /\\$/ && i < lines) { sub(/\\$/, "", line); line = line " " plain(L[++i]) }
    if (kind == "yaml") yaml(line)
    else if (kind == "ini" || kind == "toml") ini(line)
    else if (kind == "env") env(line)
    else if (kind == "blocks") several(line)
    else if (kind == "python") python(line)
    else if (kind == "pins") pins(line)
    else fold("", line)
  }
  for (i = 1; i <= folds; i++) emit(joined(order[i], "(other lines)"), rest[order[i]], 1)
}
