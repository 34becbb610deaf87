# cause: idle ask: 1 quiet: 1 needs: waitress
import waitress


def shop(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


server = waitress.create_server(shop, host="127.0.0.1", port=0, threads=4)
print("ready", server.effective_port, flush=True)
server.run()
