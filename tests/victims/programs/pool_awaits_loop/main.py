# not hung
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor


async def fetch(number):
    await asyncio.sleep(600)
    return number


loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
pool = ThreadPoolExecutor(2)


def load(number):
    return asyncio.run_coroutine_threadsafe(fetch(number), loop).result()


jobs = [pool.submit(load, number) for number in range(2)]
print("ready", flush=True)
for job in jobs:
    job.result()
