# cause: busy_loop
import asyncio


class Queue:
    def __init__(self):
        self.items = []

    def empty(self):
        return not self.items


async def consume(queue):
    while queue.empty():  # culprit
        continue  # culprit
    return queue.items.pop()


async def main():
    print("ready", flush=True)
    await consume(Queue())


asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
