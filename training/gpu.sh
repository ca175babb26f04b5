#!/usr/bin/env bash
# Training on a borrowed machine: a GPU, PyTorch, this repository, and nothing that needs a network.
#
#   training/gpu.sh pack NAME        here: lay what the machine needs into training/out/carry, in parts
#   training/gpu.sh check            there: is everything at hand, and does a tiny model learn on the GPU?
#   training/gpu.sh train NAME MIN   there: train for MIN minutes at the most, or go on; the delta goes to $OUT
#
# NAME is a manifest's name. Samples are training/out/carry/NAME.*.npz, held-out ones NAME.*.held_out.npz.
set -euo pipefail
cd "$(dirname "$0")/.."
carry=training/out/carry
out=${OUT:-training/out}
export PYTHONUNBUFFERED=1 PYTHONPATH="$PWD/$carry/site" TORCHINDUCTOR_CACHE_DIR=/tmp/inductor

pack() {
    mkdir -p "$carry/wheels"
    python -m training.base "$1" "$carry/$1.gguf"
    rm -f "$carry/$1".part.*
    split --bytes=48M --numeric-suffixes "$carry/$1.gguf" "$carry/$1.part."
    rm "$carry/$1.gguf"
    python -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 --dest "$carry/wheels" \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
        msgspec gguf platformdirs psutil pyyaml tqdm
    du -sh "$carry"/*
}

install() {
    [ -d "$carry/site" ] || python3 -m pip install --quiet --no-index --no-deps --target "$carry/site" "$carry"/wheels/*.whl
}

check() {
    install
    nvidia-smi --query-gpu=name,memory.total --format=csv,noheader
    ls -l "$carry"
    python3 -m training.train --smoke --device cuda --compile
}

train() {
    install
    local base=/tmp/$1.gguf run=/tmp/runs/$1 steps common
    [ -f "$base" ] || cat "$carry/$1".part.* >"$base"
    mapfile -t held_out < <(ls "$carry/$1".*.held_out.npz)
    mapfile -t data < <(ls "$carry/$1".*.npz | grep -v held_out)
    data=("${data[@]/%fill_in_middle.npz/fill_in_middle.npz=${FIM_SHARE:-0.5}}")
    common=(--base "$base" --data "${data[@]}" --held-out "${held_out[@]}" --device cuda --compile
        --rank "${RANK:-32}" --rate "${RATE:-4e-4}" --length 2048 --rows "${ROWS:-16}" --held-out-rows 64)
    if [ ! -f "$run.steps" ]; then
        python3 -m training.train "${common[@]}" --out "$run.speed" --steps 40 --held-out-every 40
        # The median step of the second half tells how many fit into the time, of which a tenth is kept back.
        python3 - "$run.speed/log.jsonl" "${TOTAL:-$2}" >"$run.steps" <<-'PYTHON'
			import json, statistics, sys
			seconds = [json.loads(line)["seconds"] for line in open(sys.argv[1])][20:-1]
			print(int(0.9 * 60 * float(sys.argv[2]) / statistics.median(seconds)))
		PYTHON
    fi
    steps=$(cat "$run.steps")
    python3 -m training.train "${common[@]}" --out "$run" --steps "$steps" --warm-up $((steps / 20 + 1)) \
        --held-out-every $((steps / 8 + 1)) --save-every 1000000 --minutes "$2"
    python3 -m training.export "$run" --run "${RUN:-$1}" --out "/tmp/$1.delta"
    split --bytes=15M --numeric-suffixes "/tmp/$1.delta" "$out/$1.delta."
    cp "$run/log.jsonl" "$out/$1.log.jsonl"
    tail -n 1 "$run/log.jsonl"
}

"$@"
