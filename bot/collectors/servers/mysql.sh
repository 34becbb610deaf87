# --- MariaDB and MySQL: our session, and the transactions that hold it up
if [ "$kind" = MySQL ]; then
  path=; [ -z "$server" ] || path=$(tr '\000' '\n' <"/proc/$server/cmdline" 2>/dev/null | sed -n 's/^--socket=//p' | tail -n 1)
  mysql=mysql; command -v mariadb >/dev/null 2>&1 && mysql=mariadb
  where="--protocol=tcp -h 127.0.0.1 -P $port"
  for one in "$path" /run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock; do [ -n "$one" ] && [ -S "$one" ] && where="-S $one" && break; done
  ask() { t 3 "$mysql" --connect-timeout=2 -N -B -r $where -e "$1" 2>&1; }
  s sessions MySQL
  ask "SELECT JSON_OBJECT('id', p.id, 'user', p.user, 'host', p.host, 'command', p.command, 'state', p.state, 'for_s', p.time,
    'query', LEFT(REGEXP_REPLACE(p.info, '''([^'']|'''')*(''|\$)|\"[^\"]*(\"|\$)', '?'), 2000), 'transaction', t.trx_state,
    'transaction_s', TIMESTAMPDIFF(SECOND, t.trx_started, NOW()))
    FROM information_schema.processlist p LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
    WHERE p.id <> CONNECTION_ID() AND (t.trx_id IS NOT NULL OR p.host LIKE '%:$client') LIMIT 60"
  s code $?
  s waits
  ask "SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id FROM information_schema.innodb_lock_waits w
    JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_trx_id JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id LIMIT 60" |
    grep '^[0-9]' || ask "SELECT waiting_pid, blocking_pid FROM sys.innodb_lock_waits LIMIT 60" | grep '^[0-9]'
fi
