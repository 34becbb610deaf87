# not hung needs: networkx
import networkx as nx


def build(size):
    graph = nx.DiGraph()
    for number in range(size):
        for other in range(size):
            if number != other and (number * 7 + other * 3) % 5:
                graph.add_edge("depot-%d" % number, "depot-%d" % other, km=number + other)
    return graph


def shortest(graph):
    best = None
    for path in nx.all_simple_paths(graph, "depot-0", "depot-%d" % (len(graph) - 1)):
        km = sum(graph[a][b]["km"] for a, b in zip(path, path[1:]))
        if best is None or km > best:
            best = km
    return best


graph = build(24)
print("ready", flush=True)
shortest(graph)
