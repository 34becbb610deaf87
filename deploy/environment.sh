# Sourced by demo and test: finds Python and uv, makes the environment from the lock. Needs $root; sets $python and $uv.
# As root, what is missing is installed with apt; otherwise the one line to type is said.

version_check='import sys; sys.exit(sys.version_info < (3, 11))'
uv_version=0.13.9

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

apt_install() { # as root only
    [ -n "${apt_is_fresh:-}" ] || { apt-get -qq update >&2 && apt_is_fresh=1; }
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >&2
}

# need PROGRAM PACKAGE: installs it, or collects it in $missing
missing=
need() { have "$1" || install_or_miss "$2"; }

install_or_miss() {
    if [ "$(id -u)" = 0 ] && have apt-get; then
        say "installing $1"
        apt_install "$1" && return 0
    fi
    missing="$missing $1"
}

# need_library NAME.so.N PACKAGE: the same for what a program needs to load
need_library() { PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q "$1" || install_or_miss "$2"; }

# need_quiet PROGRAM PACKAGE: the program alone. Debian's package would also start a service of the machine's own
need_quiet() {
    have "$1" && return 0
    no_start=/usr/sbin/policy-rc.d # asked by Debian's packages before they start anything; 101 means no
    if [ "$(id -u)" = 0 ] && [ ! -e "$no_start" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$no_start" && chmod 755 "$no_start"
        install_or_miss "$2"
        rm -f "$no_start"
    else
        install_or_miss "$2"
    fi
}

# need_unpacked PROGRAM PACKAGE: the program alone, in .tools/peers: nothing of the package is installed, nor what it depends on
need_unpacked() {
    peers=$root/.tools/peers
    have "$1" || [ -x "$peers/usr/bin/$1" ] || [ -x "$peers/usr/sbin/$1" ] && return 0
    if have apt-get && have dpkg-deb; then
        say "unpacking $2"
        [ "$(id -u)" != 0 ] || [ -n "${apt_is_fresh:-}" ] || { apt-get -qq update >&2 && apt_is_fresh=1; }
        mkdir -p "$peers" && rm -f "$peers"/*.deb
        (cd "$peers" && apt-get -qq -o APT::Sandbox::User=root download "$2" >&2 && dpkg-deb -x ./*.deb . && rm -f ./*.deb) && return 0
    fi
    missing="$missing $2"
}

# need_postgresql: the server's programs alone. Debian's package would also make and start a database of the machine's own
need_postgresql() {
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && return 0
    no_cluster=/etc/postgresql-common/createcluster.d/hangbot-tests.conf
    if [ "$(id -u)" = 0 ] && have apt-get; then
        mkdir -p "$(dirname "$no_cluster")" && echo "create_main_cluster = off" >"$no_cluster"
    fi
    install_or_miss postgresql
    rm -f "$no_cluster" 2>/dev/null || :
}

find_python() {
    for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
        if have "$candidate" && "$candidate" -c "$version_check" 2>/dev/null; then
            python=$(command -v "$candidate")
            return 0
        fi
    done
    return 1
}

need_python() {
    find_python || need python3 python3
    find_python || { say "Python 3.11 or later is needed. Type: sudo apt-get install -y python3 python3-venv"; exit 2; }
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return 0
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && have apt-get; then
        say "installing $package"
        apt_install "$package" || apt_install python3-venv
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing $package"
}

stop_if_missing() {
    [ -z "$missing" ] && return 0
    say "Missing:$missing. Type: sudo apt-get install -y$missing"
    exit 2
}

# make_environment ARGUMENTS-OF-UV-SYNC…: .venv from uv.lock, by a uv of known version in a folder of its own
make_environment() {
    uv=$root/.tools/uv-$uv_version/bin/uv
    home_cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}
    if ! mkdir -p "$home_cache/uv" 2>/dev/null || ! [ -w "$home_cache/uv" ]; then # a service's account has no home
        export UV_CACHE_DIR="${UV_CACHE_DIR:-$root/.tools/cache}" PIP_NO_CACHE_DIR="${PIP_NO_CACHE_DIR:-1}"
    fi
    if [ ! -x "$uv" ]; then
        "$python" -m venv "$root/.tools/uv-$uv_version"
        "$root/.tools/uv-$uv_version/bin/python" -m pip install -q --disable-pip-version-check "uv==$uv_version" >&2
    fi
    # a machine that trusts a company's own authority says so in the system's store
    [ ! -e /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"
    # compiled once here: else every start of a command compiles again where PYTHONDONTWRITEBYTECODE is set
    UV_PYTHON_DOWNLOADS=never "$uv" sync -q --compile-bytecode --project "$root" --python "$python" --frozen "$@" >&2
    "$root/.venv/bin/python" -m compileall -q "$root/bot" "$root/handlers" >&2
}
