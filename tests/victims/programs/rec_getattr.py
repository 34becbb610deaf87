# cause: infinite_recursion  function: __getattr__
class Proxy(object):
    def __getattr__(self, name):
        return getattr(self._target, name)  # culprit
def main():
    p=Proxy()
    print("ready",flush=True)
    while True:
        try:
            p.hello
        except (RecursionError, AttributeError):
            continue
main()
