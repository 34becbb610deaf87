# cause: infinite_recursion  function: total,parent_total
import threading,time
class Node:
    def __init__(self,p=None): self.parent=p or self
    @property
    def total(self):
        return self.parent_total() + 1  # culprit
    def parent_total(self):
        return self.parent.total  # culprit
def work():
    n=Node()
    while 1:
        try: n.total
        except RuntimeError: pass
t=threading.Thread(target=work); t.start(); print("ready",flush=True); t.join()
