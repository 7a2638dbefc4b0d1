#!/usr/bin/env bash
# Kills `archlint --fix --unsafe-fixes` in the middle of many files, again and again: every file has to be the old or
# the new one byte for byte, and the next run has to end where a run that nobody kills ends.
# Usage: tests/kill.sh ARCHLINT [ITERATIONS [FILES]]
set -euo pipefail

archlint="$(realpath "$1")"
iterations="${2:-20}"
files="${3:-300}"

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

# Every file has an allow that covers nothing (safe) and a reserve below what its trigger uses (unsafe); the padding
# makes a file larger than what one write takes.
mkdir "$scratch/old"
padding="$(printf '# padding %.0s' {1..1000} | fold -w 100 | sed 's/^/# /')"
for number in $(seq 1 "$files"); do
    mkdir "$scratch/old/$number"
    cat >"$scratch/old/$number/serverless.yml" <<YAML
service: service-$number
provider:
  name: aws
  runtime: python3.13
functions:
  work: # archlint: allow(keep-warm-ping) a leftover
    handler: work.run
    timeout: 20
    reservedConcurrency: 2
    events:
      - sqs:
          arn: arn:aws:sqs:eu-west-1:111122223333:jobs-$number
          batchSize: 10
          maximumConcurrency: 5
$padding
YAML
done

# `pid` is the program itself, not a shell around it.
start() {
    (cd "$1" && exec "$archlint" --fix --unsafe-fixes --allow-dirty --format short --fail-on never) >/dev/null 2>"$scratch/err" &
    pid=$!
}
now() { date +%s%N; }
# Files are written in the order of their paths, once everything is known.
until_first_is_written() {
    until [ "$scratch/work/1/serverless.yml" -nt "$scratch/copied" ] || ! kill -0 "$1" 2>/dev/null; do :; done
}
copy() {
    rm -rf "$scratch/work"
    cp -r "$scratch/old" "$scratch/work"
    touch "$scratch/copied"
}

copy
start "$scratch/work"
until_first_is_written "$pid"
began="$(now)"
wait "$pid"
writing=$(($(now) - began))
mv "$scratch/work" "$scratch/new"
tail -n 1 "$scratch/err"
if ! tail -n 1 "$scratch/err" | grep -q " $files files written"; then
    echo "not every file is changed, so the test would say little" >&2
    exit 1
fi

# The name and the digest of every file.
sums() { (cd "$1" && find . -type f -name serverless.yml -print0 | xargs -0 sha256sum); }
sums "$scratch/new" >"$scratch/new.sums"
sums "$scratch/old" | cat - "$scratch/new.sums" >"$scratch/all.sums"

fail() {
    echo "round $1: $2" >&2
    exit 1
}

killed=0 leftovers=0 mixed=0
for round in $(seq 1 "$iterations"); do
    copy
    start "$scratch/work"
    until_first_is_written "$pid"
    delay=$((writing * (RANDOM % 100) / 100))
    sleep "$(printf '%d.%09d' $((delay / 1000000000)) $((delay % 1000000000)))"
    if kill -9 "$pid" 2>/dev/null; then
        killed=$((killed + 1))
    fi
    wait "$pid" 2>/dev/null || true

    sums "$scratch/work" >"$scratch/work.sums"
    if grep -vxFf "$scratch/all.sums" "$scratch/work.sums"; then
        fail "$round" "this is neither the old nor the new file"
    fi
    [ "$(wc -l <"$scratch/work.sums")" -eq "$files" ] || fail "$round" "a file is missing"
    changed="$(grep -cxFf "$scratch/new.sums" "$scratch/work.sums" || true)"
    if [ "$changed" -gt 0 ] && [ "$changed" -lt "$files" ]; then
        mixed=$((mixed + 1))
    fi
    left="$(find "$scratch/work" -type f ! -name serverless.yml | wc -l)"
    leftovers=$((leftovers + left))
    [ -z "$(find "$scratch/work" -type f ! -name serverless.yml ! -name '.archlint-fix-*.tmp')" ] ||
        fail "$round" "a file that no ignore rule knows is left behind"

    start "$scratch/work"
    wait "$pid" || fail "$round" "the next run failed"
    find "$scratch/work" -type f -name '.archlint-fix-*.tmp' -delete
    diff -r "$scratch/work" "$scratch/new" >/dev/null || fail "$round" "the next run ended elsewhere"
done
echo "$iterations rounds: $killed killed, $mixed in the middle of $files files, $leftovers temporary files left behind, no file half written"
