#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Tries the server with real MCP clients, and its messages against the
# specification's schemas.
#
#   tests/peers/run.sh [FILE...]
#
# GATEHOUSE is the server (default: build/gatehouse), GATEHOUSE_SHARED where the
# schemas are (default: ../shared beside the source). Clients come from npm, once;
# the Inspector needs Node 22, which comes from there, too.
set -euo pipefail
cd "$(dirname "$0")"

: "${GATEHOUSE:=$(cd ../.. && pwd)/build/gatehouse}"
: "${GATEHOUSE_SHARED:=$(cd ../.. && pwd)/../shared}"
if [[ ! -x $GATEHOUSE ]]; then
    echo "peers: no server at $GATEHOUSE (build it, or set GATEHOUSE)" >&2
    exit 2
fi
GATEHOUSE=$(realpath "$GATEHOUSE")
export GATEHOUSE GATEHOUSE_SHARED

if [[ ! -d node_modules || package-lock.json -nt node_modules ]]; then
    npm ci --ignore-scripts --no-audit --no-fund
    touch node_modules
fi
node=$(echo node_modules/node-linux-*/bin/node)
[[ -x $node ]] || node=node

if [[ ! -d $GATEHOUSE_SHARED/data/mcp ]]; then
    echo "peers: LEFT OUT: messages are not held against the schemas, since" \
        "there are none in $GATEHOUSE_SHARED/data/mcp" >&2
fi
if (($# == 0)); then
    set -- ./*.test.mjs
fi
exec "$node" --test --test-timeout=60000 "$@"
