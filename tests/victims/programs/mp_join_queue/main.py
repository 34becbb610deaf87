# cause: blocked_subprocess
import multiprocessing


def render(pages, results):
    for page in range(pages):
        results.put("page %d " % page * 100)


def main():
    results = multiprocessing.Queue()
    worker = multiprocessing.Process(target=render, args=(5000, results))
    worker.start()
    print("ready", flush=True)
    worker.join()  # culprit
    return [results.get() for _ in range(5000)]


if __name__ == "__main__":
    main()
