# not hung
def permutations(items):
    if len(items) <= 1:
        return 1
    return sum(permutations(items[:i] + items[i + 1:]) for i in range(len(items)))


class Solver:
    def __init__(self, size):
        self.size = size
        self.found = 0

    def place(self, row, columns):
        if row == self.size:
            self.found += 1
            return
        for column in range(self.size):
            if all(abs(column - c) not in (0, row - r) for r, c in enumerate(columns)):
                self.place(row + 1, columns + [column])


print("ready", flush=True)
Solver(14).place(0, [])
