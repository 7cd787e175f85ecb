# What the shell tests share: a name, expectations that collect problems, one result line.
# Source it, then: begin NAME; ...; expect...; end; finally `exit "$failed"`.
failed=0

begin() { name="$1" problems=""; }
problem() { problems+="$*; "; }
expect_status() { [[ $status == "$1" ]] || problem "exit code $status, not $1: $output"; }
expect_output() { [[ $output == *"$1"* ]] || problem "output lacks \"$1\": $output"; }
expect_no_output() { [[ $output != *"$1"* ]] || problem "output has \"$1\": $output"; }
end() {
    if [[ -z $problems ]]; then
        echo "pass $name"
    else
        echo "fail $name: ${problems//$'\n'/ }"
        failed=1
    fi
}
