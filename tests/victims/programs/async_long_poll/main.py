# not hung ask: 3 since: 3.7
import asyncio


async def main():
    news = asyncio.Condition()

    async def answer(reader, writer):
        await reader.readline()
        async with news:
            await news.wait()
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
