# cause: regex_backtracking  function: valid
import re, threading
def valid(line):
    return bool(re.search(r"(x+x+)+y", line))  # culprit
t=threading.Thread(target=valid,args=("x"*60,)); print("ready",flush=True); t.start(); t.join()
