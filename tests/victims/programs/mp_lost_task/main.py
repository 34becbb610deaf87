# cause: queue_starved guess: 1
import multiprocessing
import os
import signal


def resize(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 2


if __name__ == "__main__":
    with multiprocessing.Pool(2) as pool:
        print("ready", flush=True)
        sizes = pool.map(resize, range(10))
