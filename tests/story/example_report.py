"""Writes the repository's example report: the demo's own night and morning, played through its chat page's HTTP.

    .venv/bin/python -m tests.story.example_report deploy/example-report.md

It takes about two minutes. The demo's folder, and who runs it, are called by other names.
"""

import getpass
import re
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.request import urlopen

from tests.story.running import ALERT_WITHIN_S, Demo, alert, diagnoses, hang_again, running_demo, wait_for

SHOWN_FOLDER = "/home/hangbot/.hangbot-demo"


def written(demo: Demo) -> str:
    """Play the night; return the report as the chat got it."""
    wait_for("the line", lambda: (found := alert(demo)) and diagnoses(found), ALERT_WITHIN_S)
    card = found_alert(demo)
    demo.press(card["ts"], "ack")
    demo.press(card["ts"], "incident")
    wait_for("the incident", lambda: of_kind(demo, "hangbot_incident"))
    restarted(demo)
    hang_again(demo)
    wait_for("the relapse", lambda: "Same line as before" in str(every(demo)), 120)
    demo.say(
        "/hang note the tenant tea inherits from itself: its requests are blocked at the proxy until that is mended"
    )
    restarted(demo)
    wait_for("the note", lambda: "inherits from itself" in str(of_kind(demo, "hangbot_incident")))
    demo.say("/hang incident resolve it answers, and the mend is on its way")
    wait_for("over", lambda: state_of(of_kind(demo, "hangbot_incident")[-1]) == "resolved")
    demo.say("/hang report")
    file = wait_for(
        "the report", lambda: [one for one in demo.state()["files"] if one["name"].endswith(".md")]
    )
    with urlopen(urljoin(demo.url, file[-1]["url_private"]), timeout=10) as answer:
        content: str = answer.read().decode()
    return anonymous(content, demo.folder)


def restarted(demo: Demo) -> None:
    demo.press(found_alert(demo)["ts"], "restart")
    asked = wait_for("the question", lambda: holding(demo, "confirm"), 60)
    demo.press(asked["ts"], "confirm", user="ben")
    wait_for("green", lambda: state_of(found_alert(demo)) == "resolved", 120)


def anonymous(content: str, folder: Path) -> str:
    """Return the report without what names this machine or who sits at it."""
    for real in {str(folder), str(folder.resolve())}:
        content = content.replace(real, SHOWN_FOLDER)
    return re.sub(rf"\b{re.escape(getpass.getuser())}\b", "hangbot", content)


def every(demo: Demo) -> list[dict[str, Any]]:
    return [one for root in demo.messages() for one in (root, *root.get("replies", []))]


def of_kind(demo: Demo, kind: str) -> list[dict[str, Any]]:
    return [one for one in demo.messages() if one.get("metadata", {}).get("event_type") == kind]


def found_alert(demo: Demo) -> dict[str, Any]:
    return of_kind(demo, "hangbot_alert")[0]


def state_of(message: dict[str, Any]) -> str:
    return str(message["metadata"]["event_payload"]["status"])


def holding(demo: Demo, action: str) -> dict[str, Any] | None:
    """Return the newest message with that button."""
    return next((one for one in reversed(every(demo)) if f"'action_id': '{action}'" in str(one)), None)


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("deploy/example-report.md")
    with (
        tempfile.TemporaryDirectory(prefix="hangbot-example-") as folder,
        running_demo(Path(folder) / "demo") as demo,
    ):
        target.write_text(written(demo), encoding="utf-8")
    sys.stderr.write(f"{target}\n")


if __name__ == "__main__":
    main()
