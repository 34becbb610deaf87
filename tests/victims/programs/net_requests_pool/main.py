# cause: blocked_network needs: requests
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

import requests

SESSION = requests.Session()


def download(number):
    url = "http://127.0.0.1:%s/documents/%d" % (sys.argv[1], number)
    with SESSION.get(url, stream=True) as response:  # culprit
        return sum(len(part) for part in response.iter_content(1 << 16))


def mirror(numbers):
    done = {}
    with ThreadPoolExecutor(max_workers=3) as pool:
        waiting = {pool.submit(download, number): number for number in numbers}
        for future in as_completed(waiting):
            done[waiting[future]] = future.result()
    return done


print("ready", flush=True)
mirror(range(20))
