# cause: infinite_recursion
import functools
def retry(f):
    @functools.wraps(f)
    def wrapper(*a, **k):
        for attempt in range(10 ** 9):
            try:
                return f(*a, **k)
            except Exception:
                failed = attempt
    return wrapper
TABLE = {"a": "b", "b": "c", "c": "a"}
def resolve(key):
    nxt = TABLE.get(key)
    if nxt in TABLE:
        return resolve(nxt)  # culprit
    return nxt
@retry
def session(key):
    return resolve(key)
print("ready", flush=True)
session("a")
