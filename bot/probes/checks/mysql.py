"""MariaDB and MySQL: whether it answers, its sessions, its oldest transaction, and how far a replica is behind."""

from bot.domain.checks import CheckSpec, Reply, Said, critical, ok, unknown, warning
from bot.ports import Script

NEARLY = 0.9
OLD_S, BEHIND_S = 3600.0, 60.0
SCRIPT = Script(
    name="check-mysql",
    version=1,
    # $1 `sudo` where it may be used, $2 socket or empty, $3 port
    text=r"""
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
mysql=mysql; command -v mariadb >/dev/null 2>&1 && mysql=mariadb
as=; [ "$(id -u)" != 0 ] && [ "$1" = sudo ] && sudo -n true 2>/dev/null && as='sudo -n'
where="--protocol=tcp -h 127.0.0.1 -P $3"
for one in "$2" /run/mysqld/mysqld.sock /var/lib/mysql/mysql.sock /tmp/mysql.sock; do
  [ -n "$one" ] && [ -S "$one" ] && where="-S $one" && break
done
ask() { $as "$mysql" --connect-timeout=3 -N -B -r $where -e "$1" 2>&1; }
ask "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'Threads_running', 'Aborted_connects', 'Max_used_connections', 'Slow_queries');
SHOW GLOBAL VARIABLES LIKE 'max_connections';
SELECT 'oldest_transaction_seconds', COALESCE(MAX(TIMESTAMPDIFF(SECOND, trx_started, NOW())), 0) FROM information_schema.innodb_trx;
SELECT 'waiting', COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT';" || exit $?
replica=$(ask 'SHOW REPLICA STATUS\G' | grep -v '^ERROR') || replica=$(ask 'SHOW SLAVE STATUS\G')
printf '%s\n' "$replica" | sed -n 's/^ *\(Seconds_Behind_[A-Za-z]*\|[A-Za-z]*_SQL_Running\|[A-Za-z]*_IO_Running\): /\1	/p'
exit 0
""",
)


def args(spec: CheckSpec) -> tuple[str, ...]:
    """Return socket and port of `3306` or `/run/mysqld/mysqld.sock`."""
    return (spec.target, "3306") if spec.target.startswith("/") else ("", spec.target or "3306")


def parse(reply: Reply, spec: CheckSpec) -> Said:
    text = reply.text.decode("utf-8", errors="replace").strip()
    rows = {
        name.strip(): value.strip()
        for name, tab, value in (row.partition("\t") for row in text.splitlines())
        if tab
    }
    values = {
        name.lower(): float(value) for name, value in rows.items() if value.replace(".", "", 1).isdecimal()
    }
    if reply.exit != 0 or "threads_connected" not in values:
        return _failed(text)
    connected, running = values["threads_connected"], values.get("threads_running", 0.0)
    waiting, oldest = values.get("waiting", 0.0), values.get("oldest_transaction_seconds", 0.0)
    metrics = {**values, "sessions": connected, "active": running}
    told = f"{running:.0f} active of {connected:.0f} sessions, {waiting:.0f} wait for a lock"
    stopped = [name for name, value in rows.items() if name.endswith("_Running") and value == "No"]
    lag = next((value for name, value in values.items() if name.startswith("seconds_behind")), None)
    if lag is not None:
        metrics["lag_seconds"] = lag
    if stopped:
        return critical(f"{told}; replication stands still ({', '.join(stopped)} is No)", **metrics)
    if spec.at_most is not None and waiting > spec.at_most:
        return critical(f"{told}: more than {spec.at_most:g}", **metrics)
    if connected >= NEARLY * values.get("max_connections", float("inf")):
        return warning(f"{told}: max_connections is {values['max_connections']:.0f}", **metrics)
    if lag is not None and lag > BEHIND_S:
        return warning(f"{told}; {lag:.0f} s behind its primary", **metrics)
    if oldest > OLD_S:
        return warning(f"{told}; a transaction is open for {oldest / 60:.0f} min", **metrics)
    return ok(told, **metrics)


def _failed(text: str) -> Said:
    first = next((row for row in text.splitlines() if row.strip()), "the client says nothing")
    if "not found" in first:
        return unknown("there is no mysql client on the host")
    down = ("Too many connections", "Can't connect", "Lost connection")
    return (critical if any(word in first for word in down) else unknown)(first)
