// Bounded waits and reproducible randomness: what every module of OpenInfra builds on.

import InfraCore

// Same seed, same numbers, on every machine.
var random = SeededRandom(seed: 2025)
let first = (0..<3).map { _ in random.uniform() }
var again = SeededRandom(seed: 2025)
let second = (0..<3).map { _ in again.uniform() }
print("uniform:", first, "- repeated:", first == second)

// A wait ends by its deadline, and the error can say how long was allowed.
let deadline = Deadline(after: .milliseconds(5))
var polls = 0
while !deadline.hasPassed { polls += 1 }
print("gave up after \(deadline.allowed), left:", deadline.remaining, "- polled:", polls > 0)

// An optional library is opened at run time; its absence is an error with a remedy, not a crash.
do {
    _ = try DynamicLibrary(openingFirstOf: ["libabsent.so.1"], remedy: "install libabsent1")
} catch {
    print(error.code, "-", error)
}
