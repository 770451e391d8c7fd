#!/usr/bin/env bash
# Shows what a pull request does to the memory that a program's state takes, and fails if the total
# grows by more than 10 %, or sessions by more than 64 KiB.
#
#   compare.sh BASE.gob CHANGE.gob
#
# MEMSIZE is the command, "memsize" unless said. Where GitHub wants a summary it gets a table.
set -euo pipefail
summary=${GITHUB_STEP_SUMMARY:-/dev/stdout}
echo "### Memory of the program's state" >>"$summary"
${MEMSIZE:-memsize} diff "$1" "$2" --output md \
	--threshold 10% --threshold 'Sessions=64KiB' >>"$summary"
