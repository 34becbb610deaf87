# cause: event_loop_blocked  function: load since: 3.7
import asyncio,socket
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(5)
def load():
    c=socket.create_connection(s.getsockname())
    return c.recv(1)  # culprit
async def handler(r,w):
    load()
async def main():
    srv=await asyncio.start_server(handler,"127.0.0.1",0)
    asyncio.create_task(handler(None,None))
    print("ready",flush=True)
    await srv.serve_forever()
asyncio.run(main())
