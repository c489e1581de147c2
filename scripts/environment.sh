# Sourced by the scripts beside it: makes .venv and installs Jianbao into it, again only when pyproject.toml has changed; names the platform.

# prepare_environment EXTRAS   ("" or "[dev]")
prepare_environment() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "Jianbao needs Python 3.11 or newer / 需要 Python 3.11 以上" >&2
        exit 2
    }
    wanted="$(cksum pyproject.toml) $1"
    if [ -f .venv/installed ]; then
        installed="$(cat .venv/installed)"
        # An environment with the test dependencies serves as well.
        [ "$installed" = "$wanted" ] || [ "$installed" = "${wanted}[dev]" ] && return 0
    fi
    echo "Installing into .venv, a few minutes the first time / 正在安装到 .venv，第一次需要几分钟" >&2
    [ -x .venv/bin/pip ] || python3 -m venv --clear .venv # also one whose making was interrupted
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -e ".$1"
    echo "$wanted" >.venv/installed
}

# What the file of versions with hashes is called for this Python and platform: linux-x86_64-3.11
platform_name() {
    python3 -c 'import platform, sys; print(platform.system().lower(), platform.machine(), "%d.%d" % sys.version_info[:2], sep="-")'
}
