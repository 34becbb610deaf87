# cause: async_deadlock guess: 1 since: 3.7
import asyncio


class Mailer:
    """Sends what is put into its queue; whoever should put something there was never started."""

    def __init__(self):
        self.letters = asyncio.Queue()

    async def send_all(self):
        while True:
            print(await self.letters.get())


async def main():
    print("ready", flush=True)
    await asyncio.create_task(Mailer().send_all())


asyncio.run(main())
