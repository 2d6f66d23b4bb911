#!/usr/bin/env bash
# A formula for a tap of one's own, of a release's archives.
#
# In: the version, the address of the repository and the release's SHA256SUMS. Out: the formula on standard output.
# Status 2, and no formula, if an archive has no sum.
set -euo pipefail

[ $# -eq 3 ] || { echo "usage: ${0##*/} VERSION REPOSITORY SHA256SUMS" >&2; exit 2; }
version=${1#v}
repository=${2%/}
sums=$3

archive() {
  local name=leakstop-$1.tar.gz sum
  sum=$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }' "$sums")
  if ! [[ $sum =~ ^[0-9a-f]{64}$ ]]; then
    echo "$sums: no sum of $name" >&2
    exit 2
  fi
  printf '      url "%s/releases/download/v%s/%s"\n      sha256 "%s"\n' "$repository" "$version" "$name" "$sum"
}

mac_arm=$(archive aarch64-apple-darwin)
mac_intel=$(archive x86_64-apple-darwin)
linux_arm=$(archive aarch64-unknown-linux-musl)
linux_intel=$(archive x86_64-unknown-linux-musl)

cat <<FORMULA
class Leakstop < Formula
  desc "Secret scanner that fails closed: files, staged changes and full git history"
  homepage "$repository"
  version "$version"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
$mac_arm
    end
    on_intel do
$mac_intel
    end
  end

  on_linux do
    on_arm do
$linux_arm
    end
    on_intel do
$linux_intel
    end
  end

  def install
    bin.install "leakstop"
    generate_completions_from_executable(bin/"leakstop", "completions")
    (man1/"leakstop.1").write Utils.safe_popen_read(bin/"leakstop", "man")
  end

  test do
    (testpath/"clean.txt").write "nothing"
    system bin/"leakstop", "scan", testpath
  end
end
FORMULA
