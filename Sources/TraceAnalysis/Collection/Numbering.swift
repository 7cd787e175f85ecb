/// Gives each different key a number, in the order of first appearance.
struct Numbering<Key: Hashable> {
    private(set) var keys: [Key] = []
    private var numbers: [Key: Int32] = [:]
    /// Neighbours in a trace mostly share their process and thread.
    private var last: (key: Key, number: Int32)?

    /// The number of a key, new or known.
    mutating func number(of key: Key) -> Int32 {
        if let last, last.key == key { return last.number }
        let number = numbers[key] ?? Int32(keys.count)
        if Int(number) == keys.count {
            keys.append(key)
            numbers[key] = number
        }
        last = (key, number)
        return number
    }

    /// The number of a key, if it was seen.
    func known(_ key: Key) -> Int32? { numbers[key] }
}
