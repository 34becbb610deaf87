"""Where the command `hangbot` starts: no garbage is looked for while the modules load, nor ever again among what they left.

What loads lives as long as the process. Looking through it again and again costs a sixth of the start.
"""

import gc


def main() -> None:
    gc.disable()
    from bot.cli import main as command_line  # noqa: PLC0415 — it is this import that is to be quick

    gc.freeze()
    gc.enable()
    command_line()
