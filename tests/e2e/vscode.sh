#!/usr/bin/env bash
# Gets VS Code as code-server, a browser to drive it with and playwright, into a cached folder, and prints that folder.
#
# code-server is VS Code's own workbench and extension host, served to a browser; it is on npm, and so are Node.js
# (for the major version that it wants) and playwright. The browser comes from apt's own mirror. Everything is
# unpacked or built in the folder, nothing is installed: no root. Needs npm, a C++ compiler and make, 2 GB and minutes.
#
#     tests/e2e/vscode.sh [FOLDER]            # default: ~/.cache/tacit-editors/vscode
#
#     FOLDER/code-server FOLDER/chromium      launchers
#     FOLDER/node_modules                     playwright-core
#     FOLDER/node/bin/node                    what runs both
set -euo pipefail

code_server=4.139.1 node=24.9.0 playwright=1.65.1
folder=$(readlink -m "${1:-${XDG_CACHE_HOME:-$HOME/.cache}/tacit-editors/vscode}")
version="code-server $code_server, node $node, playwright $playwright"

fail() { echo "vscode.sh: $*" >&2; exit 1; }
step() { echo "vscode.sh: $* ($SECONDS s)" >&2; }

if [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ]; then
    echo "$folder"
    exit 0
fi

for program in npm apt-get dpkg-deb make c++ python3; do
    command -v "$program" >/dev/null || fail "needs $program"
done
case $(uname -m) in
    x86_64) machine=linux-x64 ;;
    aarch64) machine=linux-arm64 ;;
    *) fail "knows no Node.js on npm for $(uname -m)" ;;
esac

mkdir -p "$folder"
cd "$folder"
log=$folder/log
: >"$log"

quiet_npm() { npm "$@" --no-audit --no-fund --no-update-notifier --loglevel=error >>"$log" 2>&1 || fail "npm $*: $(tail -n 5 "$log")"; }

step "Node.js, playwright and code-server"
echo '{ "private": true }' >package.json
quiet_npm install --ignore-scripts "node-$machine@$node" "playwright-core@$playwright" "code-server@$code_server"
ln -sfn "node_modules/node-$machine" node
export PATH=$folder/node/bin:$PATH npm_config_nodedir=$folder/node
[ -e node/include/node/node.h ] || fail "the package node-$machine has no headers to build native modules with"

step "the workbench's own packages"
server=$folder/node_modules/code-server/lib/vscode
(cd "$server" && quiet_npm install --omit=dev --ignore-scripts)
(cd "$server/extensions" && quiet_npm install --omit=dev --ignore-scripts)

step "native modules"
# Kerberos, of the remaining ones, is for proxies, and the rest for other systems.
(cd "$server" && quiet_npm rebuild @vscode/spdlog native-watchdog node-pty @parcel/watcher)
(cd node_modules/code-server && quiet_npm rebuild argon2)

step "the browser"
mkdir -p lists/partial archives/partial root
private=(
    -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache::Archives=$folder/archives" -o "Debug::NoLocking=1"
    -o "APT::Sandbox::User=" -o "Acquire::Languages=none" -o "Acquire::Retries=3" -o "APT::Install-Recommends=false"
)
apt-get "${private[@]}" --quiet=2 update >>"$log" 2>&1 || fail "cannot read apt's mirror"
for package in chromium ripgrep fonts-dejavu-core; do
    if ! apt-get "${private[@]}" --quiet=2 --yes --download-only install "$package" >>"$log" 2>&1; then
        fail "cannot fetch $package: $(tail -n 5 "$log")"
    fi
done
for archive in archives/*.deb; do
    dpkg-deb --extract "$archive" root
done
rm -rf lists archives

rg=$(command -v rg || echo "$folder/root/usr/bin/rg")
for link in "$server"/node_modules/@vscode/ripgrep*/bin; do
    mkdir -p "$link"
    ln -sfn "$rg" "$link/rg"
done
mkdir -p "$server/node_modules/@vscode/ripgrep/bin"
ln -sfn "$rg" "$server/node_modules/@vscode/ripgrep/bin/rg"

cat >fonts.conf <<FONTS
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>$folder/root/usr/share/fonts</dir><dir>/usr/share/fonts</dir><cachedir>$folder/fontcache</cachedir></fontconfig>
FONTS
# If the machine has the browser already, apt has fetched nothing.
[ -x root/usr/lib/chromium/chromium ] && browser=$folder/root/usr/lib/chromium/chromium || browser=/usr/lib/chromium/chromium
cat >chromium <<LAUNCHER
#!/bin/sh
root=$folder/root/usr/lib
export LD_LIBRARY_PATH="\$(echo "\$root"/*-linux-gnu):\$root:\$(echo "\$root"/*-linux-gnu/*/ | tr ' ' ':')"
export FONTCONFIG_FILE=$folder/fonts.conf
exec "$browser" "\$@"
LAUNCHER
cat >code-server <<LAUNCHER
#!/bin/sh
exec "$folder/node/bin/node" "$folder/node_modules/code-server" "\$@"
LAUNCHER
chmod +x chromium code-server
./code-server --version >>"$log" 2>&1 || fail "code-server does not start: $(tail -n 5 "$log")"
./chromium --version >>"$log" 2>&1 || fail "chromium does not start: $(tail -n 5 "$log")"
echo "$version" >version
step "done"
echo "$folder"
