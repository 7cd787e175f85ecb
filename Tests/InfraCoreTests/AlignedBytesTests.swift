import InfraCore
import Synchronization
import Testing

@Suite("Aligned memory")
struct AlignedBytesTests {
    @Test("a block is aligned, of the size asked for, and zero", arguments: [0, 1, 63, 64, 4097])
    func allocation(byteCount: Int) {
        let block = AlignedBytes(byteCount: byteCount)
        #expect(UInt(bitPattern: block.base) % UInt(AlignedBytes.alignment) == 0)
        #expect(block.byteCount == byteCount)
        #expect(block.bytes.count == byteCount)
        #expect(block.bytes.allSatisfy { $0 == 0 })
        #expect(!block.isReadOnly)
    }

    @Test("adopted memory is released exactly once, with its own address")
    func adoption() {
        let released = Mutex<[UInt]>([])
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 8)
        defer { memory.deallocate() }
        do {
            let block = AlignedBytes(adopting: memory, byteCount: 16, isReadOnly: true) { base in
                released.withLock { $0.append(UInt(bitPattern: base)) }
            }
            let second = block
            #expect(second.isReadOnly)
            #expect(second.bytes.baseAddress == UnsafeRawPointer(memory))
            #expect(released.withLock { $0.isEmpty })
        }
        #expect(released.withLock { $0 } == [UInt(bitPattern: memory)])
    }

    @Test("a negative size is a caller's bug and traps")
    func negativeSize() async {
        await #expect(processExitsWith: .failure) { _ = AlignedBytes(byteCount: -1) }
    }
}
