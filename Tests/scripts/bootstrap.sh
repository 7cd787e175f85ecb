#!/usr/bin/env bash
# scripts/bootstrap as a specification, on planted machines: a folder stands for the file system,
# another one holds the only commands there are. Prints `pass NAME` or `fail NAME: why` lines.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/scripts/expectations.bash
bootstrap="$PWD/scripts/bootstrap"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- a machine ---------------------------------------------------------------------------------
stub() { # NAME BODY: a command of the machine
    printf '#!/bin/bash\n%s\n' "$2" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

new_machine() { # everything is there, and every use of the network would be seen
    rm -rf "$work/bin" "$work/root" "$work/log"
    mkdir -p "$work/bin" "$work/root/usr/include" "$work/root/etc/ssl/certs"
    mkdir -p "$work/root/usr/share/perl/5.36.0/pod" "$work/root/usr/lib/x86_64-linux-gnu"
    touch "$work/root/usr/include/stdio.h" "$work/root/etc/ssl/certs/ca-certificates.crt"
    touch "$work/log"
    local library
    for library in openblas.so.0 curl.so.4 ncurses.so.6 xml2.so.2; do
        touch "$work/root/usr/lib/x86_64-linux-gnu/lib$library"
    done
    touch "$work/root/usr/share/perl/5.36.0/pod/perlfunc.pod"
    printf 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' >"$work/root/etc/os-release"
    local command
    for command in bash cut sed head tail mktemp touch cat rm; do
        ln -s "$(command -v "$command")" "$work/bin/$command"
    done
    for command in gcc git python3 script; do stub "$command" 'exit 0'; done
    stub id 'echo 0'
    stub swift 'echo "Swift version 6.3.1 (swift-6.3.1-RELEASE)"'
    # The first argument after the options says which file the installation creates.
    stub apt-get "echo \"\$*\" >>$work/log
case \"\$*\" in *\ install\ *libopenblas*) touch $work/root/usr/lib/x86_64-linux-gnu/libopenblas.so.0 ;; esac"
    stub sudo "echo \"sudo \$*\" >>$work/log; exec \"\$@\""
}

bootstrap() { # runs it on the machine; leaves $status and $output
    output=$(PATH="$work/bin" OPENINFRA_BOOTSTRAP_ROOT="$work/root" "$bootstrap" "$@" 2>&1)
    status=$?
}

lose_openblas() { rm "$work/root/usr/lib/x86_64-linux-gnu/libopenblas.so.0"; }

expect_log() { grep -qF -- "$1" "$work/log" || problem "never ran \"$1\": $(<"$work/log")"; }
expect_no_installation() { [[ ! -s $work/log ]] || problem "it ran: $(<"$work/log")"; }
on_new_machine() { begin "bootstrap: $1"; new_machine; }

# --- what it does -------------------------------------------------------------------------------
on_new_machine "nothing missing means no output, no installation, success"
bootstrap
expect_status 0
expect_no_installation
[[ -z $output ]] || problem "it printed: $output"
end

on_new_machine "it takes less than a second when nothing is missing"
start=$(date +%s%N)
bootstrap
((($(date +%s%N) - start) / 1000000 < 1000)) || problem "it took a second or more"
expect_status 0
end

on_new_machine "a missing library is installed, and only that"
lose_openblas
bootstrap demo
expect_status 0
expect_log "install --no-install-recommends libopenblas0-pthread"
grep -q perl-doc "$work/log" && problem "it installed perl-doc as well"
end

on_new_machine "running it again installs nothing"
lose_openblas
bootstrap
: >"$work/log"
bootstrap
expect_status 0
expect_no_installation
end

on_new_machine "sudo is used by a user who is not root"
lose_openblas
stub id 'echo 1000'
bootstrap
expect_status 0
expect_log "sudo apt-get"
end

on_new_machine "without root and sudo it says what root has to run"
lose_openblas
stub id 'echo 1000'
rm "$work/bin/sudo"
bootstrap
expect_status 1
expect_output "apt-get install --no-install-recommends libopenblas0-pthread"
expect_no_installation
end

on_new_machine "stale package lists are refreshed once"
lose_openblas
stub apt-get "echo \"\$*\" >>$work/log
case \"\$*\" in
*update*) touch $work/fresh ;;
*) [[ -e $work/fresh ]] || exit 100; touch $work/root/usr/lib/x86_64-linux-gnu/libopenblas.so.0 ;;
esac"
rm -f "$work/fresh"
bootstrap
expect_status 0
expect_log "update"
end

on_new_machine "a package that does not bring what is probed is reported"
lose_openblas
stub apt-get "echo \"\$*\" >>$work/log"
bootstrap
expect_status 1
expect_output "still missing after the installation: libopenblas0-pthread"
end

on_new_machine "no network is reported in plain words"
lose_openblas
stub apt-get "echo \"\$*\" >>$work/log; exit 100"
bootstrap
expect_status 1
expect_output "apt-get update failed; is the network reachable?"
end

on_new_machine "--check lists what is missing and installs nothing"
lose_openblas
rm "$work/bin/python3"
bootstrap --check
expect_status 1
expect_output "libopenblas0-pthread"
expect_output "python3"
expect_no_installation
end

on_new_machine "what only the tests need is not asked of the demo"
rm "$work/bin/python3"
bootstrap --check demo
expect_status 0
end

on_new_machine "another system is told what is missing and how to get it"
lose_openblas
rm "$work/bin/apt-get"
printf 'PRETTY_NAME="Fedora Linux 40"\n' >"$work/root/etc/os-release"
bootstrap
expect_status 1
expect_output "on Fedora Linux 40, missing"
expect_output "libopenblas0-pthread"
expect_output "with the system's own package manager"
end

on_new_machine "another system that has everything passes"
rm "$work/bin/apt-get"
bootstrap
expect_status 0
end

on_new_machine "a missing Swift is reported with the way to get it"
rm "$work/bin/swift"
bootstrap
expect_status 1
expect_output "Swift 6.2 or newer is missing"
expect_output "swift.org/install"
end

on_new_machine "a Swift that only lacked a library works after the installation"
lose_openblas # stands for that library
stub swift "[[ -e $work/root/usr/lib/x86_64-linux-gnu/libopenblas.so.0 ]] || exit 127
echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'"
bootstrap
expect_status 0
end

on_new_machine "a Swift that does not start is reported with what it said"
stub swift 'echo "swift: libncurses.so.6: cannot open shared object file" >&2; exit 127'
bootstrap
expect_status 1
expect_output "libncurses.so.6: cannot open"
end

for version in 5.10 6.1.2; do
    on_new_machine "Swift $version is refused as too old"
    stub swift "echo 'Swift version $version (swift-$version-RELEASE)'"
    bootstrap
    expect_status 1
    expect_output "6.2 or newer is needed"
    end
done

for version in 6.2 6.10.1 7.0; do
    on_new_machine "Swift $version is accepted"
    stub swift "echo 'Apple Swift version $version (x)'"
    bootstrap
    expect_status 0
    end
done

on_new_machine "an unknown argument is refused"
bootstrap --frobnicate
expect_status 1
expect_output '"--frobnicate" is unknown'
end

exit "$failed"
