#!/usr/bin/env bash
# Renames this module: tools/rename.sh git.example.com/trading/otel
#
# It replaces the module path in every text file of the tree, nested modules
# included, and then builds. Run it in a clean tree, so that git shows what it did.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $# -ne 1 ]]; then
  echo "usage: tools/rename.sh NEW/MODULE/PATH" >&2
  exit 2
fi
new=$1
old=$(awk '$1 == "module" { print $2; exit }' go.mod)

if [[ ! $new =~ ^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$ ]]; then
  echo "rename: $new: not a module path: letters, digits, . _ ~ - and / between them" >&2
  exit 2
fi
if [[ $old != */* ]]; then
  echo "rename: $old: one word, which may be anywhere in the tree: go back to the commit before it" >&2
  exit 2
fi
if [[ $new == "$old" ]]; then
  echo "rename: this is $old already"
  exit 0
fi

# The dots of the old path match only dots, and a longer path that begins or
# ends alike is another one. Twice, since two matches may share what is between.
pattern=${old//./\\.}
edit="s#(^|[^A-Za-z0-9_./-])$pattern(\$|[^A-Za-z0-9_-])#\1$new\2#g"
count=0
while IFS= read -r -d '' file; do
  sed -E -i.renamed -e "$edit" -e "$edit" "$file"
  rm "$file.renamed"
  count=$((count + 1))
done < <(grep -rlIZ --exclude-dir=.git --exclude-dir=logs -e "$pattern" .)

# Import groups are sorted by path.
gofmt -w $(find . -name '*.go' -not -path './.git/*')
go build ./...
echo "rename: $old is now $new in $count files, and builds"
