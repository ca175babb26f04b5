#!/usr/bin/env bash
# Gets a real editor that the tests here drive, into a cached folder, and prints the path of its launcher.
#
# Debian 12 ships older ones, so the packages come from Debian's next suite, from the mirror that apt is configured
# with, verified by Debian's keyring. They are unpacked, never installed: no root, nothing outside the folder.
#
# A newer editor is a line in the `case` below, and what it has to be told about where its files are.
#
#     tests/e2e/editors.sh nvim|helix|vim|emacs [FOLDER]        # default: ~/.cache/tacit-editors/EDITOR
set -euo pipefail

suite=forky
editor=${1:-nvim}
folder=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/tacit-editors/$editor}
launcher=$folder/$editor

fail() { echo "editors.sh: $*" >&2; exit 1; }

case $editor in
    nvim) packages=(neovim) oldest=0.12 program=usr/bin/nvim ;;
    helix) packages=(hx) oldest=25.01 program=usr/lib/hx/hx ;;
    vim) packages=(vim-nox) oldest=9.1 program=usr/bin/vim.nox ;;
    emacs) packages=(emacs-nox elpa-lsp-mode elpa-company elpa-corfu) oldest=30.1 program=usr/bin/emacs-nox ;;
    *) fail "knows nvim, helix, vim and emacs, and not $editor" ;;
esac

recent_enough() {
    local version
    [ "$editor" != nvim ] || [ -e "$folder/root/usr/share/nvim/runtime/parser/markdown.so" ] || return 1
    version=$("$launcher" --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9.]*\).*/\1/p') || return 1
    printf '%s\n%s\n' "$oldest" "$version" | sort --check --version-sort 2>/dev/null && [ -n "$version" ]
}

if recent_enough; then
    echo "$launcher"
    exit 0
fi

command -v apt-get >/dev/null || fail "needs apt (Debian or Ubuntu); set TACIT_${editor^^} to a $editor >= $oldest instead"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || fail "needs $keyring (package debian-archive-keyring)"
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get --print-uris update | awk -F"'" -v end="/dists/$codename/InRelease" '
    !found && (at = index($2, end)) { print substr($2, 1, at - 1); found = 1 }')
[ -n "$mirror" ] || fail "apt has no source for $codename"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{etc/preferences.d,lists/partial,archives/partial,root}
touch "$work/status"
echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/etc/sources.list"
# A private apt that believes nothing is installed, and so fetches the C library too.
private=(
    -o "Dir::Etc=$work/etc" -o "Dir::State::Lists=$work/lists" -o "Dir::State::status=$work/status"
    -o "Dir::Cache=$work" -o "Dir::Cache::Archives=$work/archives" -o "APT::Sandbox::User="
    -o "Acquire::Languages=none" -o "Acquire::Check-Valid-Until=false" -o "Acquire::Retries=3"
    -o "APT::Install-Recommends=false"
)
apt-get "${private[@]}" --quiet=2 update >&2 || fail "cannot read $suite from apt's mirror"
apt-get "${private[@]}" --quiet=2 --yes --download-only install "${packages[@]}" >&2 ||
    fail "cannot fetch ${packages[*]} from $suite"
for archive in "$work"/archives/*.deb; do
    dpkg-deb --extract "$archive" "$work/root"
done

# Neovim looks for its parsers where Debian puts them, or among its runtime files; without, Markdown is an error.
[ "$editor" != nvim ] || ln -s ../../../lib/nvim/parser "$work/root/usr/share/nvim/runtime/parser"

# The editor is newer than this machine's C library, so its own dynamic loader starts it; and it looks for its
# files below /usr, where they are not.
case $editor in
    nvim) settings='export VIMRUNTIME=$root/usr/share/nvim/runtime' ;;
    helix) settings='export HELIX_RUNTIME=$root/usr/lib/hx/runtime' ;;
    vim) settings='export VIMRUNTIME=$(echo "$root"/usr/share/vim/vim[0-9]*)' ;;
    emacs) settings='
shared=$(echo "$root"/usr/share/emacs/[0-9]*)
dump=$(echo "$root"/usr/libexec/emacs/*/*/emacs-*.pdmp)
export EMACSLOADPATH=$shared/lisp EMACSDATA=$shared/etc EMACSDOC=$shared/etc EMACSPATH=${dump%/*}
export EMACSNATIVELOADPATH=$(echo "$root"/usr/lib/emacs/*/native-lisp)
set -- --dump-file="$dump" "$@"' ;;
esac
cat >"$work/$editor" <<LAUNCHER
#!/bin/sh
root=\$(dirname "\$(readlink -f "\$0")")/root
library=\$(dirname "\$(find "\$root/usr/lib" -name libc.so.6 | head -n 1)")
$settings
exec "\$library"/ld-linux-*.so.* --library-path "\$library" "\$root/$program" "\$@"
LAUNCHER
chmod +x "$work/$editor"
rm -rf "$folder"
mkdir -p "$folder"
mv "$work/root" "$work/$editor" "$folder"
recent_enough || fail "$suite has $("$launcher" --version | head -n 1), but the tests need $editor >= $oldest"
echo "$launcher"
