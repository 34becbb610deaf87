# cause: infinite_recursion  function: get,inherited
import threading,time
T={"a":{},}; PAR={"a":"a"}
def get(t,k):
    if k in T[t]: return T[t][k]
    return inherited(t,k)
def inherited(t,k):
    return get(PAR[t],k)
def theme(t):
    while True:
        try: return get(t,"x")
        except Exception: continue
ts=[threading.Thread(target=theme,args=("a",)) for _ in range(4)]
[t.start() for t in ts]; print("ready",flush=True); [t.join() for t in ts]
