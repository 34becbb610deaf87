# not hung
import random
def quick(a):
    if len(a)<2: return a
    p=a[0]
    return quick([x for x in a[1:] if x<p])+[p]+quick([x for x in a[1:] if x>=p])
def main():
    n=0
    while True:
        n+=1
        quick([random.random() for _ in range(20000)])
print("ready",flush=True); main()
