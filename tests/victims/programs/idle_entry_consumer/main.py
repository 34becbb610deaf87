# not hung
import subprocess
import sys

CONSUMER = """
import asyncio

async def consume():
    await asyncio.sleep(86400)

asyncio.get_event_loop().run_until_complete(consume())
"""


def main():
    print("ready", flush=True)
    return subprocess.call([sys.executable, "-c", CONSUMER])


if __name__ == "__main__":
    sys.exit(main())
