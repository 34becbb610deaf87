# cause: busy_loop  function: crunch since: 3.7
import asyncio
def crunch(flag):
    while flag["on"]:
        pass  # culprit
async def handler():
    crunch({"on":True})
async def main():
    print("ready",flush=True)
    await asyncio.gather(handler(), asyncio.sleep(3))
asyncio.run(main())
