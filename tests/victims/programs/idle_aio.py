# cause: idle  function: - since: 3.7
import asyncio
async def main():
    srv=await asyncio.start_server(lambda r,w: None,"127.0.0.1",0)
    print("ready",flush=True)
    await srv.serve_forever()
asyncio.run(main())
