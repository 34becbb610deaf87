"""One file per chat verb: read arguments → flow → Reply. Who may is asked by the router, before any of them."""

from collections.abc import Mapping

from handlers import (
    ack,
    alerts,
    cancel,
    compare,
    confirm,
    diff,
    doctor,
    dump,
    history,
    hosts,
    incident,
    inspect,
    logs,
    note,
    probe,
    report,
    restart,
    review,
    silence,
    status,
    timeline,
    top,
    unsilence,
)
from handlers import help as help_
from handlers.contract import Handler

HANDLERS: Mapping[str, Handler] = {
    "help": help_.handle,
    "status": status.handle,
    "hosts": hosts.handle,
    "inspect": inspect.handle,
    "compare": compare.handle,
    "dump": dump.handle,
    "top": top.handle,
    "logs": logs.handle,
    "diff": diff.handle,
    "history": history.handle,
    "alerts": alerts.handle,
    "ack": ack.handle,
    "silence": silence.handle,
    "unsilence": unsilence.handle,
    "probe": probe.handle,
    "doctor": doctor.handle,
    "restart": restart.handle,
    "confirm": confirm.handle,
    "cancel": cancel.handle,
    "incident": incident.handle,
    "note": note.handle,
    "timeline": timeline.handle,
    "report": report.handle,
    "review": review.handle,
}
