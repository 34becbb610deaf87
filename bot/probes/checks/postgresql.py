"""PostgreSQL: whether it answers, its sessions, its oldest transaction, and how far a standby is behind."""

from bot.domain.checks import CheckSpec, Reply, Said, critical, unknown
from bot.domain.databases import Load, graded
from bot.ports import Script

SCRIPT = Script(
    name="check-postgresql",
    version=1,
    # $1 `sudo` where it may be used, $2 folder of the socket or empty, $3 port
    text=r"""
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
psql=psql
command -v psql >/dev/null 2>&1 || for one in /usr/lib/postgresql/*/bin/psql /usr/pgsql-*/bin/psql; do [ -x "$one" ] && psql=$one; done
as=
if id postgres >/dev/null 2>&1 && [ "$(id -un)" != postgres ]; then
  if [ "$(id -u)" = 0 ]; then command -v setpriv >/dev/null 2>&1 && as='setpriv --reuid=postgres --regid=postgres --init-groups'
  elif [ "$1" = sudo ] && sudo -n -u postgres true 2>/dev/null; then as='sudo -n -u postgres'; fi
fi
cd /
PGCONNECT_TIMEOUT=3 PGOPTIONS='-c statement_timeout=4000'; export PGCONNECT_TIMEOUT PGOPTIONS
$as "$psql" -X -q -A -t -w -F = -v ON_ERROR_STOP=1 -h "${2:-/var/run/postgresql}" -p "$3" -U postgres -d postgres 2>&1 <<'SQL'
SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1;
SELECT 'waiting', count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock';
SELECT 'oldest_transaction_seconds', coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)
  FROM pg_stat_activity WHERE xact_start IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid();
SELECT 'max_connections', current_setting('max_connections');
SELECT 'standby', pg_is_in_recovery()::int;
SELECT 'lag_seconds', coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0) WHERE pg_is_in_recovery()
  AND pg_last_wal_receive_lsn() IS DISTINCT FROM pg_last_wal_replay_lsn();
SELECT 'standbys', count(*) FROM pg_stat_replication;
SQL
""",
)
NAMES = {
    "idle in transaction": "idle_in_transaction",
    "idle in transaction (aborted)": "idle_in_transaction",
    "active": "active",
    "idle": "idle",
}


def args(spec: CheckSpec) -> tuple[str, ...]:
    """Return folder and port of `5432`, `/run/postgresql` or `/run/postgresql:5433`."""
    if not spec.target.startswith("/"):
        return ("", spec.target or "5432")
    folder, _, port = spec.target.partition(":")
    return (folder, port or "5432")


def parse(reply: Reply, spec: CheckSpec) -> Said:
    text = reply.text.decode("utf-8", errors="replace").strip()
    rows = [row.rpartition("=") for row in text.splitlines() if "=" in row]
    values: dict[str, float] = {}
    for name, _, value in rows:
        try:
            key = NAMES.get(name.strip(), name.strip().replace(" ", "_"))
            values[key] = values.get(key, 0.0) + float(value)
        except ValueError:
            continue
    if reply.exit != 0 or "max_connections" not in values:
        return _failed(text)
    sessions = sum(values.get(name, 0.0) for name in ("active", "idle", "idle_in_transaction", "other"))
    load = Load(
        active=values.get("active", 0.0),
        sessions=sessions,
        waiting=values.get("waiting", 0.0),
        most=values["max_connections"],
        oldest_s=values.get("oldest_transaction_seconds", 0.0),
        lag_s=values.get("lag_seconds", 0.0),
    )
    return graded(load, {**values, "sessions": sessions}, at_most=spec.at_most)


def _failed(text: str) -> Said:
    first = next((row for row in text.splitlines() if row.strip()), "psql says nothing")
    refused = (
        "too many clients",
        "the database system is",
        "Connection refused",
        "No such file or directory",
        "remaining connection slots",
    )
    if "psql" in first and "not found" in first:
        return unknown("there is no psql on the host")
    return (critical if any(word in text for word in refused) else unknown)(first)
