#!/usr/bin/env bash
# From a fresh machine to what a training run reads.
#
#   training/prepare.sh clone MIRROR            the repositories and packages listed, as far as MIRROR lacks them
#   training/prepare.sh data MIRROR [CASE...]   every training set, into training/out/; evaluation cases stay out
#   training/prepare.sh samples NAME            tokens for the model NAME, and its base in parts, as gpu.sh wants them
#
# What was made before is kept. PER_REPOSITORY=60 takes few examples of each repository, enough for a run on a CPU.
# SOURCE is where `clone` finds owner/name.
set -euo pipefail
cd "$(dirname "$0")/.."
out=training/out

clone() {
    tail -n +2 training/data/repositories.tsv | cut -f 1 | while read -r name; do
        folder=$1/${name/\//+}/repo
        [ -d "$folder" ] || git clone --quiet --bare "${SOURCE:-https://github.com}/$name" "$folder" ||
            echo "not cloned: $name" >&2
    done
    python -m training.data.packages "$1" || true
}

data() {
    local mirror=$1
    shift
    for set in next_edit fill_in_middle apply_triples bug_pairs; do
        python -m "training.data.$set" --mirror "$mirror" ${1:+--cases "$@"} \
            ${PER_REPOSITORY:+--per-repository "$PER_REPOSITORY"} --out "$out/$set" ||
            echo "$set: of what is there" >&2
    done
}

samples() {
    mkdir -p "$out/carry"
    for set in next_edit=40000 fill_in_middle=25000; do
        for split in train held_out; do
            local name=${set%=*} limit=${set#*=} to=""
            [ "$split" = train ] || { limit=600 to=.held_out; }
            python -m training.encode "$name" "$out/$name/$split"/*.shard --model "$1" --limit "$limit" \
                --out "$out/carry/$1.$name$to.npz"
        done
    done
    training/gpu.sh pack "$1"
}

"$@"
