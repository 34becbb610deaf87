# not hung
import multiprocessing
import time


def tick():
    while True:
        time.sleep(0.5)


def main():
    worker = multiprocessing.get_context("spawn").Process(target=tick)
    worker.start()
    print("ready", flush=True)
    worker.join()


if __name__ == "__main__":
    main()
