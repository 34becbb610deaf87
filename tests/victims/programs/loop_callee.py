# cause: busy_loop  function: drain
import collections
class Q:
    def __init__(s): s.items=[1,2]; s.n=0
    def peek(s):
        s.n+=1
        return s.items[0]
    def size(s):
        return len(s.items)
def drain(q):
    while q.size() > 0:
        x=q.peek()
        str(x)
print("ready",flush=True)
drain(Q())
