"""The state of a container, of docker or podman."""

from bot.domain.checks import CheckSpec, Reply, Said, critical, ok, unknown, warning
from bot.ports import Script

SCRIPT = Script(
    name="check-container",
    version=1,
    # $1 `sudo` where it may be used, $2 the container
    text=r"""
as=; [ "$(id -u)" != 0 ] && [ "$1" = sudo ] && sudo -n true 2>/dev/null && as='sudo -n'
PATH=$PATH:/usr/local/bin:/usr/bin
for one in docker podman; do
  command -v "$one" >/dev/null 2>&1 || continue
  $as "$one" inspect --type container -f '{{.State.Status}} {{.RestartCount}} {{if .State.Health}}{{.State.Health.Status}}{{else}}-{{end}} {{.State.ExitCode}}' -- "$2" 2>&1
  exit
done
echo 'there is neither docker nor podman'; exit 3
""",
)


def args(spec: CheckSpec) -> tuple[str, ...]:
    return (spec.target,)


def parse(reply: Reply, spec: CheckSpec) -> Said:
    text = reply.text.decode("utf-8", errors="replace").strip()
    words = text.split()
    if "no such" in text.lower():
        return critical(f"there is no container {spec.target}")
    if reply.exit != 0 or len(words) != 4 or not words[1].isdecimal():
        return unknown(text.splitlines()[0] if text else "it says nothing")
    state, restarts, health, code = words
    metrics = {"restarts": float(restarts)}
    if state != "running":
        return critical(f"{spec.target} is {state} (exit code {code})", **metrics)
    if health == "unhealthy":
        return critical(f"{spec.target} runs, and its own health check fails", **metrics)
    if health == "starting":
        return warning(f"{spec.target} runs, and is not healthy yet", **metrics)
    return ok(
        f"{spec.target} runs{', healthy' if health == 'healthy' else ''}, {restarts} restarts", **metrics
    )
