#!/bin/bash
# Makes the base image: a minimal Debian or Ubuntu, streamed into the engine. Prints the image's id.
#
#   bootstrap.sh SUITE MIRROR COMPONENTS [docker import options...]
#
# QLOCAL_SOURCES   the apt sources of the image (deb822)
# QLOCAL_KEYRINGS  files those sources are signed by, a line each
# QLOCAL_OPTIONS   further options of debootstrap, a line each
#
# To be run in a mount namespace of its own (`unshare --mount`): the tree is in memory, and it and
# whatever debootstrap mounts inside it vanish with this process, however it ends.
set -euo pipefail

suite=$1 mirror=$2 components=$3
shift 3
mapfile -t keyrings < <(printf '%s' "${QLOCAL_KEYRINGS:-}")
mapfile -t options < <(printf '%s' "${QLOCAL_OPTIONS:-}")

# Only this namespace sees it.
tree=/mnt
mount -t tmpfs -o size=2g,mode=0755 qlocal "$tree"

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
# debootstrap knows nothing of apt's proxies.
eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
export http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}"

# A mirror that swallows packets would hold debootstrap's wget for an hour.
cat "${WGETRC:-${HOME:-/root}/.wgetrc}" > "$tree/.wgetrc" 2> /dev/null || true
printf 'timeout = 20\ntries = 2\n' >> "$tree/.wgetrc"
export WGETRC="$tree/.wgetrc"
debootstrap --variant=minbase --include=ca-certificates --components="$components" \
    "${options[@]}" "$suite" "$tree" "$mirror"

# Packages come from where the machine gets its own, and on the same terms.
rm -f "$tree/etc/apt/sources.list"
printf '%s\n' "$QLOCAL_SOURCES" > "$tree/etc/apt/sources.list.d/debian.sources"
for keyring in "${keyrings[@]}"; do
    [[ -e $tree$keyring ]] || install -D --mode=0644 "$keyring" "$tree$keyring"
done

# A proxy's password stays outside: images travel.
apt-config dump | grep -E '^Acquire::(Check-|M[ai][xn]-ValidTime|Retries|https?::(Proxy|Verify))' \
    | grep -v '://[^"]*@' > "$tree/etc/apt/apt.conf.d/machine" || true

# Nothing starts a daemon while an image is built.
printf '#!/bin/sh\nexit 101\n' > "$tree/usr/sbin/policy-rc.d"
chmod 0755 "$tree/usr/sbin/policy-rc.d"

# Layers keep what a later layer deletes: neither keep archives nor unpack what nobody reads.
cat > "$tree/etc/apt/apt.conf.d/docker" <<'APT'
APT::AutoRemove::SuggestsImportant "false";
Acquire::GzipIndexes "true";
Acquire::Languages "none";
Binary::apt::APT::Keep-Downloaded-Packages "false";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb"; };
APT
cat > "$tree/etc/dpkg/dpkg.cfg.d/docker" <<'DPKG'
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/groff/*
path-exclude /usr/share/info/*
path-exclude /usr/share/linda/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*
path-include /usr/share/locale/locale.alias
path-exclude /usr/share/man/*
DPKG

# Certificates somebody gave this machine: without them nothing here could be downloaded either.
find /usr/local/share/ca-certificates -name '*.crt' -exec \
    cp --parents --dereference --target-directory="$tree" {} + 2> /dev/null || true
chroot "$tree" update-ca-certificates > /dev/null 2>&1

# debootstrap knows one suite only, not the one with the security fixes.
chroot "$tree" apt-get update -qq
chroot "$tree" apt-get upgrade -qq --yes -o Dpkg::Use-Pty=0

# The same exclusions for what is already there.
find "$tree/usr/share/doc" ! -type d ! -name copyright -delete
find "$tree/usr/share/doc" -depth -type d -empty -delete
find "$tree/usr/share/locale" -mindepth 1 ! -name locale.alias -delete
rm -rf "$tree"/usr/share/{groff,info,linda,lintian,man}/*

# What is the machine's, and what apt and dpkg make anew.
rm -rf "$WGETRC" "$tree"/etc/{hostname,resolv.conf,machine-id} "$tree"/var/lib/apt/lists/* \
    "$tree"/var/cache/apt/archives/*.deb "$tree"/var/cache/{debconf,ldconfig}/*-old \
    "$tree"/var/lib/dpkg/*-old "$tree"/var/log/{*.log,apt/*} "$tree"/{run,tmp}/*

. "$tree/etc/os-release"
version=$(cat "$tree/etc/debian_version")
[[ $ID == debian ]] || version="$ID $VERSION_ID"

# Engines make /dev, /proc and /sys themselves.
tar --create --numeric-owner --one-file-system --directory="$tree" \
    --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' . |
    docker import --change "LABEL dev.qlocal.version=\"$version\"" "$@" -
