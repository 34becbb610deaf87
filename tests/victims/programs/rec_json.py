# cause: infinite_recursion  function: visit,<listcomp>,walk
import sys
class Tree:
    def __init__(self): self.kids=[self]
def visit(t):
    return [walk(k) for k in t.kids]  # culprit
def walk(t):
    return visit(t)  # culprit
def retry(fn,*a):
    for i in range(10**9):
        try: return fn(*a)
        except Exception as e: last=e
print("ready",flush=True)
retry(visit,Tree())
