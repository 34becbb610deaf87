# cause: event_loop_blocked ask: 1 needs: trio
import subprocess

import trio


def thumbnail(name):
    return subprocess.run(["sleep", "1000"], stdout=subprocess.PIPE).stdout  # culprit


async def answer(stream):
    await stream.receive_some(4096)
    await stream.send_all(thumbnail("lamp.png"))  # caller


async def main():
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    print("ready", listeners[0].socket.getsockname()[1], flush=True)
    await trio.serve_listeners(answer, listeners)


trio.run(main)
