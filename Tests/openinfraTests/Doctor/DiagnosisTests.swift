import Testing
import openinfra

@Suite("What a machine can run")
struct DiagnosisTests {
    @Test("a machine with everything: all found, nothing to get")
    func complete() {
        let diagnosis = Diagnosis(of: .complete)
        #expect(diagnosis.isReady)
        #expect(diagnosis.findings.allSatisfy { $0.status == .found && $0.remedy == nil })
        #expect(diagnosis.findings.allSatisfy { !$0.detail.isEmpty && !$0.neededBy.isEmpty })
        #expect(Set(diagnosis.findings.map(\.name)).count == diagnosis.findings.count)
        #expect(diagnosis["CPU"]?.detail == "Planted CPU, 2 cores")
        #expect(diagnosis["memory"]?.detail == "16.0 GiB, 8.0 GiB available")
        #expect(diagnosis["/dev/shm"]?.detail == "1.0 GiB, 0.8 GiB free")
        #expect(diagnosis["NCCL"]?.detail == "1.2.3, /lib/libnccl.so.2")
        #expect(diagnosis["etcd"]?.detail == "/first/etcd")
        #expect(diagnosis["io_uring"]?.detail == "Linux 6.18.1")
    }

    @Test("a machine with nothing: every row says why, what for, and how to get it")
    func bare() {
        let bare = Machine(
            contents: { _ in nil },
            matches: { _ in [] },
            isAccessible: { _, _ in false },
            capacityBytes: { _ in nil },
            variables: [:],
            library: { _ in .absent },
            multiply: { .unavailable("cannot open libopenblas.so.0") },
            ioUringSetupErrno: { 38 }
        )
        let diagnosis = Diagnosis(of: bare)
        #expect(diagnosis.findings.map(\.name) == Diagnosis(of: .complete).findings.map(\.name))
        #expect(diagnosis.findings.allSatisfy { $0.status == .missing })
        #expect(diagnosis.findings.allSatisfy { $0.remedy?.isEmpty == false && $0.detail != "" })
        #expect(!diagnosis.isReady)
        #expect(diagnosis.unmetRequirements.map(\.name) == ["OpenBLAS"])
    }

    @Test("optional things may be missing or broken: the machine is ready all the same")
    func optional() {
        var machine = Machine.complete
        machine.library = { probe in
            probe.subject.name == "NVRTC" ? .broken("/lib/x: bad") : .absent
        }
        let diagnosis = Diagnosis(of: machine)
        #expect(diagnosis.isReady)
        #expect(diagnosis["NVRTC"]?.status == .unusable)
        #expect(diagnosis["NVRTC"]?.detail == "/lib/x: bad")
        #expect(diagnosis["CUDA driver"]?.detail == "no libcuda.so.1")
    }

    @Test(
        "OpenBLAS that is missing or multiplies wrongly makes the machine unfit",
        arguments: [
            (ProductAnswer.unavailable("cannot open it"), Finding.Status.missing),
            (.wrong(path: "/lib/b", "[0.0]"), .unusable),
        ]
    )
    func openBLAS(answer: ProductAnswer, status: Finding.Status) throws {
        var machine = Machine.complete
        machine.multiply = { answer }
        let diagnosis = Diagnosis(of: machine)
        #expect(!diagnosis.isReady)
        let finding = try #require(diagnosis["OpenBLAS"])
        #expect(finding.status == status)
        #expect(finding.remedy == "apt-get install libopenblas0-pthread")
        #expect(diagnosis.unmetRequirements == [finding])
    }

    @Test("processor features are found by all of their flags, or named as missing")
    func features() {
        var machine = Machine.complete
        machine.contents = { path in
            path == "/proc/cpuinfo" ? "processor : 0\nflags : avx2 fma avx512f amx_tile\n" : nil
        }
        let diagnosis = Diagnosis(of: machine)
        #expect(diagnosis["CPU"]?.detail == "unknown model, 1 core")
        #expect(diagnosis["AVX2"]?.status == .found)
        #expect(diagnosis["AVX-512"]?.detail == "no avx512bw, avx512vl")
        #expect(diagnosis["AMX"]?.detail == "no amx_bf16")
    }

    @Test(
        "io_uring: absent and switched off are told apart",
        arguments: [
            (Int32(38), Finding.Status.missing), (1, .unusable), (14, .found), (22, .found),
        ]
    )
    func ioUring(errno: Int32, status: Finding.Status) {
        var machine = Machine.complete
        machine.ioUringSetupErrno = { errno }
        #expect(Diagnosis(of: machine)["io_uring"]?.status == status)
    }

    @Test("/dev/fuse: absent and forbidden are told apart")
    func fuseDevice() {
        var machine = Machine.complete
        machine.isAccessible = { _, _ in false }
        #expect(Diagnosis(of: machine)["/dev/fuse"]?.status == .unusable)
        machine.matches = { _ in [] }
        #expect(Diagnosis(of: machine)["/dev/fuse"]?.status == .missing)
    }

    @Test("a program is found in the first folder of PATH that has it, under any of its names")
    func programs() {
        var machine = Machine.complete
        machine.isAccessible = { path, execute in execute && path == "/second/google-chrome" }
        let diagnosis = Diagnosis(of: machine)
        #expect(diagnosis["Chromium"]?.detail == "/second/google-chrome")
        #expect(diagnosis["etcd"]?.detail == "no etcd on PATH")
    }

    @Test("the table has a line a finding, a second one where something is missing, and a sum")
    func table() {
        var machine = Machine.complete
        machine.library = { _ in .absent }
        let diagnosis = Diagnosis(of: machine)
        let lines = diagnosis.table.split(separator: "\n")
        #expect(lines.count == diagnosis.findings.count + LibraryProbe.all.count + 1)
        let line = lines.firstIndex { $0.hasPrefix("libfuse") }
        #expect(line.map { lines[$0 + 1].contains("to get it: apt-get install fuse3") } == true)
        #expect(lines.last?.contains("everything required works") == true)
    }
}
