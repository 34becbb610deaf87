# --- Redis: what it says of our connection; its keys and values are nobody's business
if [ "$kind" = Redis ]; then
  client_of() { t 2 redis-cli -h 127.0.0.1 -p "$port" "$@" 2>&1; }
  s sessions Redis
  said=$(client_of CLIENT LIST); code=$?
  printf '%s\n' "$said" | head -n 2000 | awk -v c=":$client" '
    { for (i = 1; i <= NF; i++) if ($i ~ /^addr=/ && substr($i, length($i) - length(c) + 1) == c) { print; next } } !/^id=/ { print }'
  s code $code
  s clients; client_of INFO clients | grep -e blocked_clients -e connected_clients
fi
s done
