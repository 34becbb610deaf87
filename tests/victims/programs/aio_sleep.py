# cause: event_loop_blocked  function: refresh since: 3.7
import asyncio,time
def refresh():
    time.sleep(10000)  # culprit
async def handler():
    refresh()
async def main():
    print("ready",flush=True)
    await asyncio.gather(handler(), asyncio.sleep(3))
asyncio.run(main())
