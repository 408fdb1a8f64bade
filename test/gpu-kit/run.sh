#!/bin/sh
# Proves the GPU path of kernelswarm on this machine. Nothing is needed here but a shell and gzip; nothing is installed, nothing is
# fetched, and what it unpacks is removed at the end.
#
#     sh run.sh [--out DIR] [--seconds N] [--keep]
#
# It writes report.json and report.md into DIR (this folder by default, the current one where this cannot be written), and beside
# that into $OUT where that is set. N, 450 by default, is how long it may take; what does not fit is left out, and it says so.
#
# Ends with 0 when all that was run came out as it must, 1 when something did not, 2 when there is no GPU that can be used, 3 when
# the kit itself could not be started.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 3
out=
seconds=450
keep=
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?--out needs a folder}; shift ;;
    --seconds) seconds=${2:?--seconds needs a number}; shift ;;
    --keep) keep=yes ;;
    *) echo "run.sh: unknown word $1" >&2; exit 3 ;;
  esac
  shift
done
for folder in "$out" "$here" "$PWD"; do
  [ -n "$folder" ] && mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ] && { out=$folder; break; }
done
[ -n "$out" ] || { echo 'run.sh: no folder to write the report to; name one with --out' >&2; exit 3; }
out=$(CDPATH='' cd -- "$out" && pwd) || exit 3
rm -f "$out/report.json" "$out/report.md"

fail() {
  printf '{"v":1,"finished":false,"ok":false,"gpu":null,"parts":[],"problem":"%s"}\n' "$1" > "$out/report.json"
  printf '# The kit could not be started\n\n%s\n' "$1" > "$out/report.md"
  if [ -n "${OUT:-}" ] && [ "$OUT" != "$out" ]; then cp "$out/report.json" "$out/report.md" "$OUT" 2>/dev/null; fi
  echo "run.sh: $1" >&2
  exit 3
}

unpacked() {
  if command -v gzip >/dev/null 2>&1; then gzip -dc "$1"
  elif command -v busybox >/dev/null 2>&1; then busybox gzip -dc "$1"
  elif command -v python3 >/dev/null 2>&1; then python3 -c 'import gzip, shutil, sys; shutil.copyfileobj(gzip.open(sys.argv[1]), sys.stdout.buffer)' "$1"
  elif command -v perl >/dev/null 2>&1; then perl -MIO::Uncompress::Gunzip=gunzip -e 'gunzip($ARGV[0], "-")' "$1"
  else return 1
  fi
}

# Some machine's folder for temporary files takes no programs, or is full: the next one is tried.
work=
cleanup() { [ -z "$work" ] || [ -n "$keep" ] || rm -rf "$work"; }
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
for place in "${KIT_WORK:-}" "${TMPDIR:-}" /tmp /var/tmp /dev/shm "$here"; do
  [ -n "$place" ] && [ -w "$place" ] || continue
  work="$place/kernelswarm-kit-$$"
  # Not 0700: root becomes another user before he starts a jail.
  mkdir -m 755 "$work" 2>/dev/null || { work=; continue; }
  mkdir "$work/lib" "$work/home"
  node="$work/node"
  if [ -f "$here/node.gz" ]; then
    unpacked "$here/node.gz" > "$node" && chmod 755 "$node"
  else
    # A kit without Node takes that of this machine.
    printf '#!/bin/sh\nexec %s "$@"\n' "${KIT_NODE:-node}" > "$node" && chmod 755 "$node"
  fi
  for library in "$here"/lib/*.gz; do
    [ -f "$library" ] || continue
    name=${library##*/}
    name=${name%.gz}
    unpacked "$library" > "$work/lib/$name" && chmod 755 "$work/lib/$name"
  done
  "$node" --version >/dev/null 2>&1 && break
  # Its libraries are missing here, or too old: by ours.
  mv "$node" "$work/node.bin"
  printf '#!/bin/sh\nexec "%s/lib/%s" --library-path "%s/lib" "%s/node.bin" "$@"\n' "$work" "$(cat "$here/loader" 2>/dev/null)" "$work" "$work" > "$node"
  chmod 755 "$node"
  "$node" --version >/dev/null 2>&1 && break
  rm -rf "$work"
  work=
done
[ -n "$work" ] || fail 'Node could not be unpacked and started: no folder takes 200 MB and lets programs start, or gzip is missing'

# Beside this shell, which would else hear of nothing before it has ended.
HOME="$work/home" KIT_NODE="$node" "$node" "$here/boot.mts" "$here" "$work" "$out" "$seconds" &
runner=$!
trap 'kill -TERM $runner 2>/dev/null; wait $runner; exit 1' HUP INT TERM
wait $runner
code=$?
[ -f "$out/report.json" ] || fail "Node ended with $code before there was a report"
exit $code
