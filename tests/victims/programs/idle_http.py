# cause: idle  function: - since: 3.7
import http.server
s=http.server.ThreadingHTTPServer(("127.0.0.1",0),http.server.SimpleHTTPRequestHandler)
print("ready",flush=True); s.serve_forever()
