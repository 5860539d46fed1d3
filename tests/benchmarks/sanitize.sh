#!/usr/bin/env bash
# Runs the tests of the compiled engine and of the machine of programs under AddressSanitizer and
# UBSan, in a copy of the project.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT
cd "$root"
cp -r autograd nn tests demos setup.py setup.cfg pyproject.toml "$copy"
cd "$copy"
rm -f autograd/{native,machine}/*.so
# A store of spare nodes would hide the use of a node after its death.
sed -i 's/#define SPARES .*/#define SPARES 1/' autograd/native/nodes.h
sed -i 's/"-O3"/"-O1"/' setup.py  # it comes after CFLAGS, and would take a quarter of an hour
flags="-fsanitize=address,undefined -fno-sanitize=alignment -fno-sanitize-recover=undefined"
flags="$flags -fno-omit-frame-pointer -g -O1"
AUTOGRAD_ENGINE=python CFLAGS="$flags" python setup.py --quiet build_ext --inplace
# An optional extension that does not compile is left out.
ls autograd/native/engine.*.so autograd/machine/interpreter.*.so > /dev/null
export LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1 PYTHONMALLOC=malloc
tests=(tests/autograd/native tests/autograd/machine)
for room in run batch train passes code/test_checking.py; do
    tests+=("tests/autograd/program/$room")
done
# Captured at the file descriptor, a sanitizer's report would be lost with the process.
export AUTOGRAD_ENGINE=native
python -m pytest -q --capture=sys -p no:cacheprovider "${@:-${tests[@]}}"
