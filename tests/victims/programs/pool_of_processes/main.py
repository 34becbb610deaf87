# not hung
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def render(page):
    time.sleep(600)
    return page


def publish(pages, page):
    return pages.submit(render, page).result()


if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pages, ThreadPoolExecutor(2) as uploads:
        jobs = [uploads.submit(publish, pages, page) for page in range(2)]
        print("ready", flush=True)
        for job in jobs:
            job.result()
