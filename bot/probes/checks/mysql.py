"""MariaDB and MySQL: whether it answers, its sessions, its oldest transaction, and how far a replica is behind."""

from bot.domain.checks import CheckSpec, Reply, Said, critical, unknown
from bot.domain.databases import Load, graded
from bot.ports import Script

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
    metrics = {
        **values,
        "sessions": values["threads_connected"],
        "active": values.get("threads_running", 0.0),
    }
    lag = next((value for name, value in values.items() if name.startswith("seconds_behind")), None)
    if lag is not None:
        metrics["lag_seconds"] = lag
    stopped = ", ".join(name for name, value in rows.items() if name.endswith("_Running") and value == "No")
    load = Load(
        active=metrics["active"],
        sessions=metrics["sessions"],
        waiting=values.get("waiting", 0.0),
        most=values.get("max_connections", float("inf")),
        oldest_s=values.get("oldest_transaction_seconds", 0.0),
        lag_s=lag or 0.0,
        stopped=f"{stopped} is No" if stopped else "",
    )
    return graded(load, metrics, at_most=spec.at_most)


def _failed(text: str) -> Said:
    first = next((row for row in text.splitlines() if row.strip()), "the client says nothing")
    if "not found" in first:
        return unknown("there is no mysql client on the host")
    down = ("Too many connections", "Can't connect", "Lost connection")
    return (critical if any(word in first for word in down) else unknown)(first)
