# not hung since: 3.8
import multiprocessing as mp, socket
def serve(s):
    while True: s.accept()
if __name__ == "__main__":
    mp.set_start_method("fork")
    s = socket.create_server(("127.0.0.1", 0))
    ps = [mp.Process(target=serve, args=(s,)) for _ in range(2)]
    [p.start() for p in ps]
    print("ready", flush=True)
    [p.join() for p in ps]
