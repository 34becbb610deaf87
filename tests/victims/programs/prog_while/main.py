# not hung
class Importer:
    def __init__(self, rows):
        self.rows = rows
        self.offset = 0
        self.seen = 0

    def parse(self, start):
        return sum(ord(c) for c in str(start) * 40)

    def run(self):
        while self.offset < self.rows:
            self.seen += self.parse(self.offset)
            self.offset += 1
        return self.seen


print("ready", flush=True)
Importer(10 ** 10).run()
