# not hung
class P:
    def __init__(self,s): self.s=s; self.i=0
    def expr(self):
        if self.s[self.i]=='(':
            self.i+=1; v=self.expr(); self.i+=1; return v
        self.i+=1
        return 1
def main():
    text="("*150+"x"+")"*150
    while True:
        P(text).expr()
print("ready",flush=True); main()
