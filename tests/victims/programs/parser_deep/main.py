# not hung
class Parser:
    def __init__(self, s): self.s, self.i = s, 0
    def expr(self):
        v = self.term()
        while self.i < len(self.s) and self.s[self.i] in "+-":
            self.i += 1
            v += self.term()
        return v
    def term(self):
        if self.s[self.i] == "(":
            self.i += 1; v = self.expr(); self.i += 1; return v
        self.i += 1
        return 1
text = "(" * 200 + "1" + "+1" * 3000000 + ")" * 200
print("ready", flush=True)
while True: Parser(text).expr()
