# not hung
def depth(node):
    return 0 if node is None else 1+depth(node[1])
def main():
    node=None
    for i in range(850): node=(i,node)
    n=0
    for n in range(10**9):
        depth(node)
print("ready",flush=True); main()
