"""Real servers of completions, each in a process of its own: llama-cpp-python's, and llama.cpp's own."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.remote.endpoint import Endpoint

# Weights stay as they are: repacked ones may need AMX, which not every system grants its programs. Two
# threads that wait for each other are far slower than one where others want the cores too. llama-cpp-python
# tells probabilities only of models that it runs with `logits_all`, which is slow.
PYTHON = """
import sys
import llama_cpp.llama_cpp as library
from llama_cpp.server.__main__ import main

defaults = library.llama_model_default_params

def plain():
    params = defaults()
    params.use_extra_bufts = False
    return params

library.llama_model_default_params = plain
weights, port = sys.argv[1:]
sys.argv[1:] = ["--model", weights, "--model_alias", "small", "--host", "127.0.0.1", "--port", port]
sys.argv += ["--n_ctx", "2048", "--n_threads", "1", "--n_threads_batch", "1"]
main()
"""
OWN = """
import signal, sys
import xllamacpp

params = xllamacpp.CommonParams()
params.model.path, params.port = sys.argv[1], int(sys.argv[2])
params.hostnames = ["127.0.0.1"]
params.n_ctx, params.n_parallel = 2048, 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.no_extra_bufts = True
server = xllamacpp.Server(params)
signal.pause()
"""
SERVERS = {
    "llama-cpp-python": (("llama_cpp", "uvicorn"), PYTHON, "/v1/models"),
    "llama.cpp": (("xllamacpp",), OWN, "/health"),
}
"""What is needed, what starts it, and what answers once it is ready."""

PATIENCE_S = 120


@contextmanager
def serving(name: str, weights: Path, log: Path) -> Iterator[Endpoint]:
    """A server, ready to be asked; skips where it is not installed."""
    needed, program, ready = SERVERS[name]
    if not all(importlib.util.find_spec(module) for module in needed):
        pytest.skip(f"needs the server of {name}: pip install 'tacit[bench]'")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with log.open("wb") as output:
        command = [sys.executable, "-c", program, str(weights), str(port)]
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _wait_for(f"http://127.0.0.1:{port}{ready}", process, log)
        yield Endpoint(f"http://127.0.0.1:{port}/v1", "small")
    finally:
        process.kill()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        if (process.poll() or 0) < 0:
            pytest.skip(f"this build dies of signal {-process.returncode}: made for another processor")
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        try:
            direct.open(url, timeout=5).close()
            return
        except OSError:
            assert time.monotonic() < until, log.read_text(errors="replace")[-2000:]
            time.sleep(0.2)
