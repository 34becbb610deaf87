# not hung
import threading, http.server
class Pool:
    def __init__(self):
        self.jobs, self.cond = [], threading.Condition()
        for _ in range(4): threading.Thread(target=self.work, daemon=True).start()
    def work(self):
        while True:
            with self.cond:
                while not self.jobs: self.cond.wait()
                job = self.jobs.pop()
            job()
p = Pool()
s = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
print("ready", flush=True)
s.serve_forever()
