# cause: blocked_subprocess needs: sh
import sh


def backup(name):
    dump = sh.Command("sleep")
    return dump("86400", _env={"PGDATABASE": name, "PATH": "/usr/bin:/bin"})  # culprit


print("ready", flush=True)
for database in ("orders", "customers"):
    backup(database)
