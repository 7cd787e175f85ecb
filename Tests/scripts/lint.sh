#!/usr/bin/env bash
# scripts/lint as a specification: each rule finds a planted violation in a small repository.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/scripts/expectations.bash
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

plant() { # PATH TEXT
    mkdir -p "$work/repository/$(dirname "$1")"
    printf '%b' "$2" >"$work/repository/$1"
}

new_repository() { # one that follows every rule
    rm -rf "$work/repository"
    mkdir -p "$work/repository/scripts"
    git -C "$work/repository" init -q
    cp scripts/lint scripts/check-documents "$work/repository/scripts/"
    cp .swift-format "$work/repository/"
    plant docs/environment.md '| `OPENINFRA_BOOTSTRAP_ROOT` |\n'
    plant Sources/Good/Good.swift '/// A thing.\npublic struct Thing {}\n'
    plant Sources/Good/Good.docc/Good.md '# ``Good``\n'
    plant Sources/Good/Good.docc/Using.md '@Snippet(path: "OpenInfra/Snippets/GoodExample")\n'
    plant Snippets/GoodExample.swift 'print(1)\n'
    plant README.md '[docs](docs/environment.md)\n\n<!-- Snippets/GoodExample.swift -->\n```swift\nprint(1)\n```\n'
}

lint() {
    output=$("$work/repository/scripts/lint" 2>&1)
    status=$?
}

expect_finding() { # RULE TEXT: exactly this rule fails, and says so
    lint
    expect_status 1
    expect_output "fail lint: $1"
    expect_output "$2"
    [[ $(grep -c '^fail ' <<<"$output") == 1 ]] || problem "other rules failed too: $output"
}

rule() { begin "lint finds $1"; new_repository; }

begin "lint: a repository that follows the rules passes all of them"
new_repository
lint
expect_status 0
expect_no_output "fail"
[[ $(grep -c '^pass lint: ' <<<"$output") -ge 9 ]] || problem "too few rules: $output"
end

rule "bad formatting"
plant Sources/Good/Good.swift '/// A thing.\npublic struct Thing { var  a = 1 }\n'
expect_finding "swift format" "Good.swift"
end

rule "an undocumented public declaration"
plant Sources/Good/Good.swift 'public struct Thing {}\n'
expect_finding "swift format" "AllPublicDeclarationsHaveDocumentation"
end

rule "a file that is too long"
plant Sources/Good/Long.swift "$(printf '// line\\n%.0s' {1..601})"
expect_finding "no file in Sources is longer" "Long.swift has 601 lines"
end

rule "a space in a file name"
plant "docs/two words.md" 'x\n'
expect_finding "no spaces" "two words.md"
end

rule "the host of a registry"
plant docs/notes.md "pip install -i https://py""pi.org/simple x\n"
expect_finding "no registry hosts" "docs/notes.md"
end

rule "a path of one machine"
plant docs/notes.md 'see /ho''me/me/notes\n'
expect_finding "no registry hosts" "docs/notes.md"
end

rule "an import of full Foundation"
plant Sources/Good/Good.swift 'import Foundation\n'
expect_finding "Sources import FoundationEssentials" "Good.swift"
end

rule "unfinished code"
plant Sources/Good/Good.swift '// TO''DO: finish\n'
expect_finding "nothing is marked" "Good.swift"
end

rule "an undocumented environment variable"
plant scripts/other 'echo $OPENINFRA_''PLANTED\n'
expect_finding "every OPENINFRA_ variable" "PLANTED is not in docs/environment.md"
end

rule "a module without a snippet"
rm "$work/repository/Snippets/GoodExample.swift"
plant README.md 'x\n'
expect_finding "every module has" "Snippets/GoodExample.swift is missing"
end

rule "a link that leads nowhere"
plant README.md '[gone](docs/gone.md)\n'
expect_finding "links in documents" "docs/gone.md"
end

rule "a code block that differs from its file"
plant Snippets/GoodExample.swift 'print(2)\n'
expect_finding "links in documents" "differs from Snippets/GoodExample.swift"
end

exit "$failed"
