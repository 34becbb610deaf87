"""The dead man's switch: an address outside is asked for while we do our work, and somebody there minds when it is not."""

from http.client import HTTPException
from urllib.request import Request

from bot.domain.errors import ChatDoubtful
from bot.pages.calling import MOST_READ, SHOWN, WITHIN_S, opener


def ask_for(url: str) -> None:
    """Ask for an address once. Raises ChatDoubtful where it does not answer well."""
    request = Request(url, headers={"User-Agent": "hangbot"})  # noqa: S310 — the config lets http and https in alone
    try:
        with opener().open(request, timeout=WITHIN_S) as answer:
            answer.read(MOST_READ)
    except (OSError, HTTPException) as error:
        raise ChatDoubtful("deadman_unheard", f"{type(error).__name__}: {error}"[:SHOWN]) from error
