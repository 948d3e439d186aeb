#!/usr/bin/env bash
# run-on-gpu.sh pack FOLDER     here: makes a folder with all that a run needs (.NET SDK and a native compiler; NVRTC by RNNCODEGEN_NVRTC)
# run-on-gpu.sh run FOLDER      there: a machine with the driver, and python3 with PyTorch for the comparison; neither .NET nor internet
# run-on-gpu.sh rehearse        here: a run of small sizes on the software device, without times, of what is built already (Release)
# A run: the case matrix against the reference, compute-sanitizer where it is, and the table beside PyTorch on the same card.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
failures=0

step() { # step NAME COMMAND...
  local name=$1 start=$SECONDS status=0
  shift
  echo "==== $name"
  "$@" || status=$?
  [ "$status" = 0 ] || { failures=$((failures + 1)); echo "FAILED: $name (exit code $status)"; }
  echo "---- $name: $((SECONDS - start)) s"
}

pack() {
  local folder=$1 tests host
  tests=$here/..
  host=linux-$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
  # The bench is native code. The matrix reads annotations as native code cannot, and brings its runtime along.
  dotnet publish "$tests/RnnCodegen.Gpu" -c Release -r "$host" -o "$folder/new/bench" -v quiet &&
    dotnet publish "$tests/RnnCodegen.CudaEngine.Tests" -c Release -r "$host" --self-contained -p:UseAppHost=true \
      -o "$folder/new/matrix" -v quiet || return
  rm -f "$folder"/new/bench/*.{dbg,xml,pdb}
  cp "$here/run-on-gpu.sh" "$here/pytorch.py" "$folder" &&
    tar -C "$folder/new" -cJf "$folder/programs.tar.xz" . && rm -rf "$folder/new" && du -sh "$folder"
}

# The cases, spread over the processor's cores: most of the time NVRTC compiles each model's text.
matrix() {
  local shards part status=0
  shards=$(nproc)
  for part in $(seq 0 $((shards - 1))); do
    "${matrix[@]}" --cases "$part/$shards" >"$out/matrix.$part.log" 2>&1 &
  done
  wait
  cat "$out"/matrix.*.log | grep '^FAILED' | head -n 40
  cat "$out"/matrix.*.log >"$out/matrix.log"
  echo "$(grep -c '^ok' "$out/matrix.log") cases passed, $(grep -c '^FAILED' "$out/matrix.log") failed"
  # A shard that ended without its last line crashed.
  [ "$(grep -c '^done' "$out/matrix.log")" = "$shards" ] && ! grep -q '^FAILED' "$out/matrix.log"
}

sanitizer() { # sanitizer TOOL
  compute-sanitizer --tool "$1" --error-exitcode 9 "${bench[@]}" check >"$out/$1.log" 2>&1
  local status=$?
  tail -n 2 "$out/$1.log"
  if grep -q 'Device not supported' "$out/$1.log"; then echo "compute-sanitizer cannot run here: skipped"; return 0; fi
  return $status
}

run() {
  local folder=$1 bench=("$1/bench/RnnCodegen.Gpu") matrix=("$1/matrix/RnnCodegen.CudaEngine.Tests") out=${OUT:-$1/out}
  mkdir -p "$out"
  [ -e "${bench[0]}" ] || tar -C "$folder" -xJf "$folder/programs.tar.xz" || return
  command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
  "${bench[@]}" device || { echo "no GPU: nothing is run"; return 1; }
  step "two models against the reference" "${bench[@]}" check
  step "errors of each precision" "${bench[@]}" errors
  step "measurement" "${bench[@]}" bench "$out/ours.tsv"
  "${bench[@]}" rows >"$out/rows.tsv"
  step "the rows are the same" cmp <(cut -f1 "$out/rows.tsv") <(cut -f1 "$out/ours.tsv")
  if [ -n "${rehearsal:-}" ]; then
    step "PyTorch's side is Python" python3 -m py_compile "$folder/pytorch.py"
  elif python3 -c 'import torch' 2>/dev/null; then
    step "PyTorch" python3 "$folder/pytorch.py" "$out/rows.tsv" "$out/theirs.tsv"
  else
    echo "python3 has no torch here: its columns stay empty"
  fi
  step "table" table
  if [ -n "${rehearsal:-}" ]; then
    echo "the software device checks what compute-sanitizer does"
  elif command -v compute-sanitizer >/dev/null; then
    step "compute-sanitizer memcheck" sanitizer memcheck
    step "compute-sanitizer racecheck" sanitizer racecheck
  else
    echo "there is no compute-sanitizer here: skipped"
  fi
  step "case matrix" matrix
}

table() { "${bench[@]}" table "$out/ours.tsv" "$out/theirs.tsv" | tee "$out/table.md"; }

# A folder as pack makes one, whose programs are those that are built here, on the software device.
rehearse() {
  local rehearsal=true
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/bench" "$work/matrix"
  stand_in "$work/bench/RnnCodegen.Gpu" "$here/bin/Release/net10.0/RnnCodegen.Gpu.dll" || return
  stand_in "$work/matrix/RnnCodegen.CudaEngine.Tests" \
    "$here/../RnnCodegen.CudaEngine.Tests/bin/Release/net10.0/RnnCodegen.CudaEngine.Tests.dll" --every 40 || return
  cp "$here/pytorch.py" "$work"
  OUT=$work/out run "$work" && step "what the build compiled is what runs" of_the_build "$work/bench/RnnCodegen.Gpu"
}

of_the_build() { "$1" device | grep -q 'the device code is the resource rnncodegen\.cuda\.'; }

stand_in() { # stand_in PROGRAM ASSEMBLY ARGUMENT...
  local program=$1 assembly=$2
  shift 2
  [ -e "$assembly" ] || { echo "$assembly is not built"; return 1; }
  printf '#!/bin/sh\nexec dotnet "%s" --software %s "$@"\n' "$assembly" "$*" >"$program"
  chmod +x "$program"
}

case ${1:-} in
  pack | run) [ $# = 2 ] && mkdir -p "$2" && "$1" "$(cd "$2" && pwd)" || failures=$((failures + 1)) ;;
  rehearse) rehearse || failures=$((failures + 1)) ;;
  *) sed -n '2,5s/^# //p' "$0"; exit 2 ;;
esac
[ "$failures" = 0 ] && echo "all good" || { echo "$failures failed"; exit 1; }
