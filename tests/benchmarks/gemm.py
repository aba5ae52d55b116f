"""The machine's GEMM limit: how long an epoch's matrix products take if nothing else has to be
done.

A character epoch is matrix products and little else: per batch, and per step of the window but the
first, one product of the states with the recurrent kernel, one of the gradient with its transpose,
and one of both for the kernel's own gradient; and three for the dense layer. (One-hot products are
rows of the kernel and count for nothing.) The rate is what OpenBLAS, through numpy, reaches on
products of those very shapes, one thread a core, on all cores at once.

As a script it measures one core's rate, beginning when stdin says so, and prints it as JSON, in
FLOP a second.
"""

import json
import math
import os
import sys
import time

if __name__ == "__main__":
    for _library in ("OPENBLAS", "MKL", "OMP"):
        os.environ[f"{_library}_NUM_THREADS"] = "1"

import numpy as np

BATCH = HIDDEN = 128
_SECONDS = 1.0
_AT_A_TIME = 50


def flops(samples: int, seqlen: int, n_characters: int) -> tuple[float, float]:
    """Return the floating-point operations of an epoch: in the recurrent products, and in the dense
    layer's.
    """
    batches = math.ceil(samples / BATCH)
    recurrent = batches * (seqlen - 1) * 3 * 2 * BATCH * HIDDEN * HIDDEN
    return recurrent, batches * 3 * 2 * BATCH * HIDDEN * n_characters


def rate(rows: int, inner: int, columns: int) -> float:
    """Return the operations a second in products of (rows, inner) and (inner, columns), float32:
    the best of three.
    """
    draw = np.random.default_rng(1)
    a = draw.normal(size=(rows, inner)).astype(np.float32)
    b = draw.normal(size=(inner, columns)).astype(np.float32)
    out = np.empty((rows, columns), np.float32)
    best = 0.0
    for _attempt in range(3):
        done, began = 0, time.perf_counter()
        while (took := time.perf_counter() - began) < _SECONDS:
            for _ in range(_AT_A_TIME):
                np.matmul(a, b, out=out)
            done += _AT_A_TIME
        best = max(best, done * 2.0 * rows * inner * columns / took)
    return best


def main() -> None:
    """Print the rate of the recurrent products and of the dense layer's, of the width given."""
    n_characters = int(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    rates = {"recurrent": rate(BATCH, HIDDEN, HIDDEN), "dense": rate(BATCH, HIDDEN, n_characters)}
    print("measured", flush=True)
    sys.stdin.readline()
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
