# cause: infinite_recursion
from concurrent.futures import ThreadPoolExecutor
class Comment:
    def __init__(self, reply_to=None): self.reply_to = reply_to
    @property
    def depth(self):
        return 1 + self.reply_to.depth  # culprit
c = Comment(); c.reply_to = c
def render(c):
    n = 0
    while True:
        n += 1
        try:
            return c.depth
        except RecursionError:
            pass
with ThreadPoolExecutor(2) as ex:
    fs = [ex.submit(render, c) for _ in range(2)]
    print("ready", flush=True)
    [f.result() for f in fs]
