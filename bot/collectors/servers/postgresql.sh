# --- PostgreSQL: our session and all that hold it up
if [ "$kind" = PostgreSQL ]; then
  folder=; [ -z "$server" ] || folder=$(sed -n 5p "/proc/$server/cwd/postmaster.pid" 2>/dev/null)
  psql=psql; command -v psql >/dev/null 2>&1 || for one in /usr/lib/postgresql/*/bin/psql /usr/pgsql-*/bin/psql; do [ -x "$one" ] && psql=$one; done
  s sessions PostgreSQL
  cd / && as env PGCONNECT_TIMEOUT=2 PGOPTIONS='-c statement_timeout=2500 -c lock_timeout=500' timeout -k 1 4 "$psql" -X -q -A -t -w \
    -v ON_ERROR_STOP=1 -v client="$client" -v backend="${end:-0}" -h "${folder:-/var/run/postgresql}" -p "$port" -U "${account:-postgres}" -d postgres 2>&1 <<'SQL'
WITH RECURSIVE chain(pid, depth) AS (
  SELECT pid, 0 FROM pg_stat_activity WHERE client_port = :client AND :client > 0 OR pid = :backend
  UNION SELECT unnest(pg_blocking_pids(pid)), depth + 1 FROM chain WHERE depth < 6)
SELECT json_build_object('id', pid, 'user', usename, 'client', host(client_addr), 'port', client_port, 'state', state,
  'blockers', pg_blocking_pids(pid), 'blocked', wait_event_type = 'Lock', 'ours', client_port = :client OR pid = :backend,
  'for_s', extract(epoch FROM clock_timestamp() - CASE WHEN state = 'active' THEN query_start ELSE state_change END),
  'query', left(regexp_replace(regexp_replace(query, $r$'(''|[^'])*'$r$, '?', 'g'), $r$'.*$r$, '?'), 2000))
FROM pg_stat_activity WHERE pid IN (SELECT pid FROM chain) LIMIT 40;
SQL
  s code $?
fi
