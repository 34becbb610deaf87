# cause: async_deadlock ask: 2 guess: 1 since: 3.7
import asyncio


class Accounts:
    def __init__(self):
        self.locks = {"cash": asyncio.Lock(), "bank": asyncio.Lock()}
        self.balance = {"cash": 100, "bank": 100}
        self.turn = 0

    async def transfer(self, source, target, amount):
        async with self.locks[source]:
            await asyncio.sleep(0.1)
            async with self.locks[target]:
                self.balance[source] -= amount
                self.balance[target] += amount


async def main():
    accounts = Accounts()
    ways = [("cash", "bank"), ("bank", "cash")]

    async def answer(reader, writer):
        await reader.readline()
        await accounts.transfer(*ways.pop(), 10)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
