#!/usr/bin/env bash
# scripts/read-test-report as a specification: what counts as passed, failed and skipped.
set -uo pipefail
cd "$(dirname "$0")/../.."
source Tests/scripts/expectations.bash
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

read_report() { # STATUS: reads what $xml and $log hold
    rm -f "$work/report.xml"
    [[ -z $xml ]] || printf '<testsuites><testsuite>%s</testsuite></testsuites>' "$xml" \
        >"$work/report.xml"
    printf '%s\n' "$log" >"$work/log"
    output=$(scripts/read-test-report "$work/report.xml" "$work/log" "$1" 2>&1)
    status=$?
    passed=$(grep -c '^pass ' <<<"$output")
}
testcase() { echo "<testcase classname='M.S' name='$1'>${2:-}</testcase>"; }
expect_passed() { [[ $passed == "$1" ]] || problem "$passed passed, not $1: $output"; }

begin "test report: each test case counts once, however many issues it recorded"
xml="$(testcase a)$(testcase b '<failure message="x"/><failure message="y"/>')"
log=""
read_report 1
expect_passed 1
[[ $(grep -c '^fail ' <<<"$output") == 1 ]] || problem "not one failure: $output"
expect_output "fail M.S/b: x"
end

begin "test report: a skipped test is shown with its reason and is not passed"
xml="$(testcase a)$(testcase b '<skipped>needs a GPU</skipped>')$(testcase c '<skipped/>')"
log=""
read_report 0
expect_passed 1
expect_output "skip M.S/b: needs a GPU"
expect_output "skip M.S/c: no reason given"
end

begin "test report: a cancelled test is skipped, although the file shows it as passed"
xml="$(testcase 'a()')$(testcase 'b()')"
log='➜ Test b() was cancelled after 0.046 seconds: "no device found"'
read_report 0
expect_passed 1
expect_output "skip M.S/b(): no device found"
end

begin "test report: a cancelled test with a display name is not counted as passed either"
xml="$(testcase 'a()')$(testcase 'b()')"
log='➜ Test "uses the device" was cancelled after 0.1 seconds: "no device"'
read_report 0
expect_passed 1
expect_output "skip uses the device: no device"
end

begin "test report: a crash leaves no file and is a failure that names the last tests"
xml="" log='◇ Test "divides by zero" started.'
read_report 132
expect_output "fail Swift tests: the runner ended with 132"
expect_output "divides by zero"
end

begin "test report: a runner that fails without a failed test is a failure"
xml="$(testcase a)" log=""
read_report 1
expect_output "fail Swift tests: the runner ended with 1"
end

begin "test report: no test at all is a failure"
xml=" " log=""
read_report 0
expect_output "not one test ran"
end

exit "$failed"
