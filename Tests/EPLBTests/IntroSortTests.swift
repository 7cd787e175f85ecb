import EPLB
import InfraCore
import Testing

@Suite("The sort leaves equal values in the order in which g++'s std::sort leaves them")
struct IntroSortTests {
    /// The order of indices by descending value.
    private func order(_ values: [Float]) -> [Int] {
        var elements = values.enumerated().map { IntroSort.element($1, $0) }
        elements.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            IntroSort.sortDescending(base, count: buffer.count)
        }
        return elements.map { Int($0 & 0xFFFF_FFFF) }
    }

    @Test("arrays with and without ties, ordered and not, of 1 to 1000 values")
    func generated() throws {
        let cases = try ReferenceTables.read("sort.json", as: ReferenceTables.Sorts.self).generated
        #expect(cases.count > 150)
        for one in cases {
            let found = order(one.kind.values(count: one.count, seed: one.seed))
            #expect(crc32(found) == one.crc32, "\(one.kind), \(one.count) values")
        }
    }

    @Test("arrays built against quicksort, which end in heapsort")
    func adversarial() throws {
        let cases = try ReferenceTables.read("sort.json", as: ReferenceTables.Sorts.self)
            .adversarial
        #expect(cases.count == 8)
        for one in cases {
            #expect(order(one.values) == one.order, "\(one.values.count) values")
        }
    }

    @Test("no value and one value are in order")
    func trivial() {
        #expect(order([]) == [])
        #expect(order([5]) == [0])
    }
}
