# not hung
def fib(n):
    return n if n<2 else fib(n-1)+fib(n-2)
print("ready",flush=True)
for k in range(60): fib(28+k//20)
