# not hung
import threading


class Matrix:
    def __init__(self, size):
        self.size = size
        self.cells = [[(i * j) % 17 for j in range(size)] for i in range(size)]

    def __mul__(self, other):
        result = []
        for i in range(self.size):
            row = []
            for j in range(self.size):
                row.append(sum(self.cells[i][k] * other.cells[k][j] for k in range(self.size)))
            result.append(row)
        return result


def run():
    m = Matrix(700)
    return m * m


print("ready", flush=True)
worker = threading.Thread(target=run, name="matrix")
worker.start()
worker.join()
