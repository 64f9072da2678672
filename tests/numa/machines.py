"""The machines that are made up, and what is to be true on each."""
from dataclasses import dataclass, field


@dataclass
class Node:
    cpus: str = ""        # as /sys lists them; none: memory only
    megabytes: int = 0    # none: processors only
    home: int = -1        # the node that its threads' first touches get; -1: its own


@dataclass
class Machine:
    name: str
    nodes: list
    cpu: str = "max"
    distances: dict = field(default_factory=dict)  # by (from, to); 20 otherwise
    runs: list = None  # of run.py's; None: all

    def cpu_count(self):
        return sum(len(cpus_of(n)) for n in self.nodes)

    def options(self):
        """Of qemu."""
        words = ["-cpu", self.cpu, "-smp", str(self.cpu_count()), "-m", str(sum(n.megabytes for n in self.nodes))]
        for i, node in enumerate(self.nodes):
            text = f"node,nodeid={i}"
            if node.cpus:
                text += f",cpus={node.cpus}"
            if node.megabytes:
                words += ["-object", f"memory-backend-ram,id=m{i},size={node.megabytes}M"]
                text += f",memdev=m{i}"
            words += ["-numa", text]
        for (a, b), distance in self.distances.items():
            words += ["-numa", f"dist,src={a},dst={b},val={distance}"]
        return words

    def described(self):
        """As the program inside is told: node:cpus:home, or the number of a node without processors."""
        return " ".join(f"{i}:{n.cpus}:{n.home if n.home >= 0 else i}" if n.cpus else str(i) for i, n in enumerate(self.nodes))


def cpus_of(node):
    first, _, last = node.cpus.partition("-")
    return range(int(first), int(last or first) + 1) if node.cpus else []


def symmetric(pairs):
    return {**pairs, **{(b, a): d for (a, b), d in pairs.items()}}


# Processors without AVX, and without AVX-512: the quick tests run there.
PROCESSORS = [
    Machine("Nehalem", [Node("0-1", 1024), Node("2-3", 1024)], cpu="Nehalem"),
    Machine("Haswell", [Node("0-1", 1024), Node("2-3", 1024)], cpu="Haswell"),
]

MACHINES = [
    Machine("two nodes", [Node("0-1", 512), Node("2-3", 512)]),
    Machine("four nodes", [Node("0", 320), Node("1", 320), Node("2", 320), Node("3", 320)]),
    Machine("unequal nodes", [Node("0-2", 512), Node("3", 384)]),
    # The second node's threads get the third one's memory, which is nearer than the first one's.
    Machine("a node without processors, one without memory", [Node("0-1", 512), Node("2-3", 0, home=2), Node("", 512)],
            distances=symmetric({(0, 1): 30, (0, 2): 40, (1, 2): 15})),
    # Both the first and the third are as near to the second, and the system's own order decides. The last one is soon full.
    Machine("equally near", [Node("0-1", 512), Node("2-3", 0, home=2), Node("", 512), Node("", 48)],
            distances=symmetric({(0, 1): 15, (0, 2): 20, (1, 2): 15, (0, 3): 30, (1, 3): 30, (2, 3): 30}),
            runs=[("auto", {}), ("auto", {"SINTER_TEST_NUMA": "crowded"}), ("auto", {"SINTER_TEST_NUMA": "bound-crowded"})]),
    Machine("one node", [Node("0-1", 640)]),
]
